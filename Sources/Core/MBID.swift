/// A MusicBrainz identifier: a UUID, kept as its 16 bytes. Its text form is lower case with hyphens.
public struct MBID: Hashable, Sendable, BitwiseCopyable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads the text form: 32 hexadecimal digits of either case with hyphens after the 8th, 12th, 16th and 20th.
  ///
  /// Like the original server, also without any hyphens, and either form in braces. Anything else is nil.
  public init?(_ text: String) { self.init(text[...]) }

  /// Reads the text form; see ``init(_:)-(String)``.
  public init?(_ text: Substring) {
    var text = text
    guard let id = text.withUTF8(MBID.parse) else { return nil }
    self = id
  }

  /// Reads the text form from UTF-8; see ``init(_:)``.
  public init?(utf8: UnsafeBufferPointer<UInt8>) {
    guard let id = MBID.parse(utf8) else { return nil }
    self = id
  }

  /// The first of the 16 bytes that start at `bytes`, in network order, as PostgreSQL's binary `uuid` has them.
  public init(bytes: UnsafeRawPointer) {
    high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }

  /// Appends the 36 characters of the text form.
  public func appendText(to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(byteCount: 36, alignment: 8) { text in
      func put(_ digits: UInt64, at offset: Int) {
        text.storeBytes(of: digits.littleEndian, toByteOffset: offset, as: UInt64.self)
      }
      // Where a group has four digits, what is put there in excess is overwritten by the next.
      let second = ASCII.hexDigits(UInt32(truncatingIfNeeded: high))
      let third = ASCII.hexDigits(UInt32(truncatingIfNeeded: low >> 32))
      put(ASCII.hexDigits(UInt32(truncatingIfNeeded: high >> 32)), at: 0)
      put(second, at: 9)
      put(second >> 32, at: 14)
      put(third, at: 19)
      put(third >> 32, at: 24)
      put(ASCII.hexDigits(UInt32(truncatingIfNeeded: low)), at: 28)
      for hyphen in stride(from: 8, through: 23, by: 5) { text[hyphen] = UInt8(ascii: "-") }
      bytes.append(contentsOf: text)
    }
  }

  private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> MBID? {
    var text = text[...]
    if text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}"), text.count >= 2 {
      text = text.dropFirst().dropLast()
    }
    let hyphenated = text.count == 36
    guard hyphenated || text.count == 32 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    var digits = 0
    for (offset, byte) in text.enumerated() {
      if hyphenated, offset == 8 || offset == 13 || offset == 18 || offset == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let value = ASCII.hexValue(byte) else { return nil }
      if digits < 16 { high = high << 4 | UInt64(value) } else { low = low << 4 | UInt64(value) }
      digits += 1
    }
    return MBID(high: high, low: low)
  }
}

extension MBID: CustomStringConvertible {
  public var description: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(36)
    appendText(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension MBID: ExpressibleByStringLiteral {
  /// For identifiers written in the source; a malformed one is a programmer's error and traps.
  public init(stringLiteral value: StaticString) {
    let bytes = UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount)
    guard let id = MBID(utf8: bytes) else { preconditionFailure("not an MBID: \(value)") }
    self = id
  }
}
