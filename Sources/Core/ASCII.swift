/// The few facts about ASCII that parsing needs, without Foundation.
public enum ASCII {
  public static func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }

  /// Gives `body` the digits of a number.
  ///
  /// - Parameters:
  ///   - radix: up to 16.
  ///   - atLeast: the least number of digits, 19 at most; a smaller number is padded with zeros.
  ///   - isNegative: whether a minus stands before all.
  @inline(__always)
  public static func withDigits(
    of magnitude: UInt, radix: UInt = 10, atLeast: Int = 1, isNegative: Bool = false,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    precondition(atLeast < 20)
    // The largest number has 20 digits.
    withUnsafeTemporaryAllocation(byteCount: 21, alignment: 1) { text in
      var start = text.endIndex
      var rest = magnitude
      while rest > 0 || text.endIndex - start < atLeast {
        start -= 1
        text[start] = hexDigit(UInt8(truncatingIfNeeded: rest % radix))
        rest /= radix
      }
      if isNegative {
        start -= 1
        text[start] = UInt8(ascii: "-")
      }
      body(UnsafeRawBufferPointer(rebasing: text[start...]))
    }
  }

  /// The eight digits of a number, the first in the lowest byte, made without a loop: identifiers are much of what is
  /// written.
  static func hexDigits(_ value: UInt32) -> UInt64 {
    var nibbles = UInt64(value.byteSwapped)
    nibbles = (nibbles << 16 | nibbles) & 0x0000_ffff_0000_ffff
    nibbles = (nibbles << 8 | nibbles) & 0x00ff_00ff_00ff_00ff
    nibbles = (nibbles << 8 | nibbles >> 4) & 0x0f0f_0f0f_0f0f_0f0f
    let isLetter = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles | 0x3030_3030_3030_3030 &+ isLetter &* UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
  }

  public static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
