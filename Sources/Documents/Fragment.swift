/// A piece of JSON text in the form it is stored in: a raw-deflate stream that ends with an empty block of its own.
///
/// Without that block, fragments can be put one behind the other into one gzip body without inflating any of them: each
/// ends on a byte boundary, and none refers to what came before (see ``Body``).
public struct Fragment: Sendable {
  /// Length of the text, in bytes, and its CRC-32, as gzip's trailer wants them.
  public let rawLength: Int
  public let crc: UInt32
  /// ``CRC32/shift(by:)`` of the length.
  let crcShift: UInt32
  /// A hash of the text: equal hashes are taken for equal texts. Of texts in a file it is another one: see
  /// ``shortHash(crc:half:)``.
  public let hash: UInt64
  /// The stream, shared with the document that the fragment is a part of.
  let compressed: ArraySlice<UInt8>

  /// Length of what is joined: the stream without its end.
  var joinableLength: Int { compressed.count - Deflate.terminator.count }

  func withUnsafeJoinableBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    compressed.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<joinableLength])) }
  }

  init(rawLength: Int, crc: UInt32, crcShift: UInt32, hash: UInt64, compressed: ArraySlice<UInt8>) {
    self.rawLength = rawLength
    self.crc = crc
    self.crcShift = crcShift
    self.hash = hash
    self.compressed = compressed
  }

  private init(_ text: [UInt8], compressed: [UInt8]) {
    self.init(
      rawLength: text.count, crc: text.withUnsafeBytes(CRC32.of), crcShift: CRC32.shift(by: text.count),
      hash: text.withUnsafeBytes(TextHash.of), compressed: compressed[...])
  }

  /// What stands for the hash where a file has only half of it: that half, and the CRC.
  static func shortHash(crc: UInt32, half: UInt32) -> UInt64 { UInt64(crc) << 32 | UInt64(half) }

  var isStored: Bool { compressed.first == 0 }
  /// Whether it is uncompressed though it would be worth compressing: what a file has compressed in its own way is.
  var isLoose: Bool { isStored && rawLength >= Deflate.shortest }

  func isHashed(as whole: UInt64) -> Bool {
    hash == whole || hash == Fragment.shortHash(crc: crc, half: UInt32(truncatingIfNeeded: whole))
  }

  /// How much time compressing a text is worth.
  public enum Effort: Sendable {
    /// For what is compressed together with others.
    case none
    case quick
    /// For what is written once and lies on many disks.
    case thorough
  }

  /// Compresses `text`. That costs 0.3 ms per 100 KB: do it while a document is computed, not for an answer.
  public init(_ text: [UInt8], _ effort: Effort = .quick) {
    self.init(text, compressed: effort == .none ? Deflate.store(text) : Deflate.compress(text, effort))
  }

  /// Wraps text that is too short to be worth compressing, or is needed only once.
  public init(uncompressed text: [UInt8]) { self.init(text, compressed: Deflate.store(text)) }

  /// A punctuation mark or key that answers are joined with.
  public init(literal text: StaticString) {
    self.init(uncompressed: Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)))
  }
}
