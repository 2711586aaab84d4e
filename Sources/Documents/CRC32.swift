internal import CDeflate

/// The CRC-32 that gzip's trailer wants.
///
/// A CRC is the remainder of a text, as a polynomial over two elements, divided by a fixed one. So the CRC of two texts
/// is that of the first, multiplied by x to the power of the second's length in bits, plus that of the second. The
/// power takes a multiplication for every bit of the length; it is computed once and stored with the fragment.
enum CRC32 {
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 { of(bytes, after: 0) }

  /// - Parameter start: the CRC of what comes before.
  static func of(_ bytes: UnsafeRawBufferPointer, after start: UInt32) -> UInt32 {
    libdeflate_crc32(start, bytes.baseAddress, bytes.count)
  }

  /// What the CRC of a text is multiplied by when `length` bytes follow it.
  static func shift(by length: Int) -> UInt32 {
    var (shift, power, rest) = (one, one >> 8, length)
    while rest > 0 {
      if rest & 1 == 1 { shift = product(shift, power) }
      power = product(power, power)
      rest >>= 1
    }
    return shift
  }

  /// The CRC of two texts, one behind the other; `shift` is that by the length of the second.
  static func combine(_ first: UInt32, _ second: UInt32, shift: UInt32) -> UInt32 { product(first, shift) ^ second }

  // The highest bit is the coefficient of x⁰: a shift to the right multiplies by x.
  private static let one: UInt32 = 1 << 31
  private static let polynomial: UInt32 = 0xedb8_8320

  /// Without a branch: the bits are as good as random, and half of all predictions would fail.
  private static func product(_ a: UInt32, _ b: UInt32) -> UInt32 {
    var (product, multiple, factor): (UInt32, UInt32, UInt32) = (0, a, b)
    while factor != 0 {
      product ^= multiple & (0 &- (factor >> 31))
      multiple = multiple >> 1 ^ polynomial & (0 &- (multiple & 1))
      factor <<= 1
    }
    return product
  }
}
