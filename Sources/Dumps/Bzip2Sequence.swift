/// Looks whether the pieces of a bzip2 file are in order: one stream or several, nothing between or behind them, and in
/// each all of its blocks. A stream ends with a checksum over those of its blocks, so none can be missing.
struct Bzip2Sequence {
  private let path: String
  private var checksum: UInt32 = 0
  /// Whether a stream has begun and not ended.
  private var isOpen = false
  private var isEmpty = true

  private static let markBits = 48

  init(path: String) { self.path = path }

  mutating func addBlock(checksum block: UInt32) throws(DumpError) {
    guard isOpen else { throw behindEnd }
    checksum = (checksum << 1 | checksum >> 31) ^ block
  }

  /// Adds what is no block.
  mutating func add(_ piece: Bzip2Splitter.Piece) throws(DumpError) {
    if piece.kind == .start {
      isEmpty = piece.bits == 0
      // A file without any mark is this piece alone.
      guard isEmpty || isHeader(piece, at: 0) else { throw DumpError(.damaged, "\(path) is no bzip2 file") }
      isOpen = !isEmpty
      return
    }
    guard isOpen else { throw behindEnd }
    guard let stated = piece.number(at: Bzip2Sequence.markBits) else { throw truncated }
    guard stated == checksum else {
      throw DumpError(.damaged, "\(path) is damaged: its checksum is not that of what is in it")
    }
    try close(piece)
  }

  /// The file has ended.
  func finish() throws(DumpError) {
    if isEmpty { throw DumpError(.damaged, "\(path) is empty") }
    if isOpen { throw truncated }
  }

  /// Adds any piece of a file that something else decompresses and checks. A mark that is none makes the checksum another,
  /// so what has it is an end.
  mutating func lookForEnd(_ piece: Bzip2Splitter.Piece) throws(DumpError) {
    switch piece.kind {
    case .start: isOpen = true
    case .block: try addBlock(checksum: piece.checksum)
    case .end:
      guard isOpen else { throw behindEnd }
      if piece.number(at: Bzip2Sequence.markBits) == checksum { try close(piece) }
    }
  }

  /// A stream has ended: the next begins with a byte, at once, or the file has ended as well.
  private mutating func close(_ piece: Bzip2Splitter.Piece) throws(DumpError) {
    checksum = 0
    let end = Bzip2Sequence.markBits + 32
    let next = end + (8 - (piece.skippedBits + end) % 8) % 8
    isOpen = isHeader(piece, at: next)
    guard isOpen || piece.bits <= next else { throw behindEnd }
  }

  /// Whether the rest of the piece is `BZh` and a digit.
  private func isHeader(_ piece: Bzip2Splitter.Piece, at place: Int) -> Bool {
    guard piece.bits == place + 32, let number = piece.number(at: place) else { return false }
    return number >> 8 == 0x425a68 && (0x31...0x39).contains(number & 0xff)
  }

  private var truncated: DumpError {
    DumpError(.damaged, "\(path) ends in the middle: it was not downloaded to the end")
  }

  private var behindEnd: DumpError {
    DumpError(.damaged, "\(path) is damaged: there is something behind its end")
  }
}
