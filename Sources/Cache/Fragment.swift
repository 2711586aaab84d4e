internal import Core

/// A piece of JSON text in the form it is stored in: raw deflate, closed by a full flush.
///
/// Fragments of that form can be put one behind the other into one gzip body without inflating any of them, because
/// a full flush ends on a byte boundary and nothing after it refers to what came before (see ``Body``).
public struct Fragment: Sendable {
  /// Length of the text, in bytes, and its CRC-32, as gzip's trailer wants them.
  public let rawLength: Int
  public let crc: UInt32
  /// A hash of the text: equal hashes are taken for equal texts.
  public let hash: UInt64
  /// The deflated bytes, shared with the document that the fragment is a part of.
  let compressed: ArraySlice<UInt8>

  init(rawLength: Int, crc: UInt32, hash: UInt64, compressed: ArraySlice<UInt8>) {
    self.rawLength = rawLength
    self.crc = crc
    self.hash = hash
    self.compressed = compressed
  }

  /// Compresses `text`. Costs milliseconds per 100 KB: for documents that are being computed, never for an answer.
  public init(_ text: [UInt8]) {
    self.init(
      rawLength: text.count, crc: Deflate.crc(of: text), hash: FNV.hash(text), compressed: Deflate.compress(text)[...])
  }

  /// Wraps text that is too short to be worth compressing, or needed only once.
  public init(uncompressed text: [UInt8]) {
    self.init(
      rawLength: text.count, crc: Deflate.crc(of: text), hash: FNV.hash(text), compressed: Deflate.store(text)[...])
  }

  /// A punctuation mark or key that answers are joined with.
  public init(literal text: StaticString) {
    self.init(uncompressed: Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)))
  }
}
