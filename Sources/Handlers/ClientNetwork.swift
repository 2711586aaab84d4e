internal import Glibc

/// Whose requests are counted together: an IPv4 address, or the 64 bits of an IPv6 address that a customer is given.
struct ClientNetwork: Equatable {
  /// For the name of a counter: `192.0.2.1`, or 16 hexadecimal digits.
  let name: String

  /// - Returns: nil for this machine itself, which is not limited, and for what is no address.
  init?(address: String) {
    var version6 = in6_addr()
    var version4 = in_addr()
    let name: String? =
      if inet_pton(AF_INET, address, &version4) == 1 {
        withUnsafeBytes(of: version4) { ClientNetwork.name(version4: $0[...]) }
      } else if inet_pton(AF_INET6, address, &version6) == 1 {
        withUnsafeBytes(of: version6) { ClientNetwork.name(version6: $0) }
      } else {
        nil
      }
    guard let name else { return nil }
    self.name = name
  }

  /// Whether it is an address of this machine that only this machine can use.
  static func isThisMachine(_ address: String) -> Bool {
    var version6 = in6_addr()
    var version4 = in_addr()
    return (inet_pton(AF_INET, address, &version4) == 1 || inet_pton(AF_INET6, address, &version6) == 1)
      && ClientNetwork(address: address) == nil
  }

  private static func name(version4 bytes: Slice<UnsafeRawBufferPointer>) -> String? {
    bytes.first == 127 ? nil : bytes.map { String($0) }.joined(separator: ".")
  }

  private static func name(version6 bytes: UnsafeRawBufferPointer) -> String? {
    // ::ffff:192.0.2.1 is how a socket for both shows an IPv4 address.
    if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) { return name(version4: bytes.suffix(4)) }
    // ::1
    if bytes.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]) { return nil }
    return bytes.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
