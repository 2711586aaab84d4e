internal import Core

/// Puts StatsD's lines into datagrams, as many into one as fit.
struct StatsDWriter {
  /// What fits into a frame of Ethernet with the headers of IPv6 and UDP.
  static let longestDatagram = 1_432

  private let prefix: [UInt8]
  private var datagram: [UInt8] = []
  private let send: (UnsafeRawBufferPointer) -> Void

  /// - Parameter send: gets each datagram.
  init(prefix: String, send: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.prefix = prefix.isEmpty ? [] : StatsDWriter.sanitized(prefix) + [UInt8(ascii: ".")]
    self.send = send
    datagram.reserveCapacity(2 * StatsDWriter.longestDatagram)
  }

  mutating func count(_ name: String, _ amount: UInt64) {
    line(name, "c") { datagram in ASCII.withDigits(of: UInt(amount)) { datagram.append(contentsOf: $0) } }
  }

  mutating func gauge(_ name: String, _ value: UInt64) {
    line(name, "g") { datagram in ASCII.withDigits(of: UInt(value)) { datagram.append(contentsOf: $0) } }
  }

  /// In milliseconds, with three decimals.
  mutating func time(_ name: String, nanoseconds: UInt64) {
    line(name, "ms") { datagram in
      ASCII.withDigits(of: UInt(nanoseconds / 1_000_000)) { datagram.append(contentsOf: $0) }
      datagram.append(UInt8(ascii: "."))
      ASCII.withDigits(of: UInt(nanoseconds / 1_000 % 1_000), atLeast: 3) { datagram.append(contentsOf: $0) }
    }
  }

  /// Sends what has not been sent yet.
  mutating func finish() {
    guard !datagram.isEmpty else { return }
    datagram.withUnsafeBytes { send($0) }
    datagram.removeAll(keepingCapacity: true)
  }

  private mutating func line(_ name: String, _ type: StaticString, _ value: (inout [UInt8]) -> Void) {
    let start = datagram.count
    if start > 0 { datagram.append(UInt8(ascii: "\n")) }
    datagram.append(contentsOf: prefix)
    datagram.append(contentsOf: name.utf8)
    datagram.append(UInt8(ascii: ":"))
    value(&datagram)
    datagram.append(UInt8(ascii: "|"))
    datagram.append(contentsOf: UnsafeBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount))
    guard datagram.count > StatsDWriter.longestDatagram, start > 0 else { return }
    let line = Array(datagram[(start + 1)...])
    datagram.removeSubrange(start...)
    finish()
    datagram.append(contentsOf: line)
  }

  /// The characters that StatsD's names may have; any other would end the name or be dropped by the receiver.
  static func sanitized(_ text: String) -> [UInt8] {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        byte
      default: UInt8(ascii: "_")
      }
    }
  }
}
