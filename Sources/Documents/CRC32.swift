internal import CDeflate
internal import CZlib

/// The CRC-32 that gzip's trailer wants.
///
/// A CRC is the remainder of a text, as a polynomial over two elements, divided by a fixed one. So the CRC of two texts
/// is that of the first, multiplied by x to the power of the second's length in bits, plus that of the second. The
/// power takes a multiplication for every bit of the length; it is computed once and stored with the fragment. zlib does
/// both, and libdeflate, which is faster at the rest, neither.
public enum CRC32 {
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 { of(bytes, after: 0) }

  /// - Parameter start: the CRC of what comes before.
  public static func of(_ bytes: UnsafeRawBufferPointer, after start: UInt32) -> UInt32 {
    libdeflate_crc32(start, bytes.baseAddress, bytes.count)
  }

  /// What the CRC of a text is multiplied by when `length` bytes follow it.
  static func shift(by length: Int) -> UInt32 { UInt32(truncatingIfNeeded: crc32_combine_gen(length)) }

  /// The CRC of two texts, one behind the other; `shift` is that by the length of the second.
  static func combine(_ first: UInt32, _ second: UInt32, shift: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine_op(uLong(first), uLong(second), uLong(shift)))
  }
}
