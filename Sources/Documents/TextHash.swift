/// A hash of 64 bits that takes eight bytes at a time: texts are long, and byte by byte it would cost more than
/// compressing them. The same on every machine and in every build, because it is stored.
enum TextHash {
  static func of(_ text: UnsafeRawBufferPointer) -> UInt64 {
    let wholeWords = text.count & ~7
    var hash = UInt64(text.count)
    for offset in stride(from: 0, to: wholeWords, by: 8) {
      hash = mixed(hash ^ UInt64(littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
    var rest: UInt64 = 0
    for byte in text[wholeWords...].reversed() { rest = rest << 8 | UInt64(byte) }
    return mixed(mixed(hash ^ rest))
  }

  /// The halves of a product, one on the other: every bit changes about half of the others. The constants have no
  /// pattern; the first keeps zeros from staying zeros.
  private static func mixed(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0x2545_f491_4f6c_dd1d).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    return product.high ^ product.low
  }
}
