/// The key of most names: their letters and digits, as small letters. A key that can be had from its name so is not
/// written beside it.
enum PlainKey {
  static func append(_ name: UnsafeRawBufferPointer, to key: inout [UInt8]) {
    for byte in name {
      switch byte {
      case 0x61...0x7a, 0x30...0x39: key.append(byte)
      case 0x41...0x5a: key.append(byte + 0x20)
      default: break
      }
    }
  }

  /// Tells most keys apart that are not the same.
  static func hash(_ key: some Sequence<UInt8>) -> Int {
    var hash: UInt32 = 0x811c_9dc5
    for byte in key { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Int(hash >> 16 ^ hash & 0xffff)
  }
}
