/// Cuts a bzip2 file at its marks: into blocks, which do not depend on each other, so that several threads can decompress
/// one file, and what is between them.
///
/// A block begins at any bit, with 48 bits that hardly ever occur elsewhere (the digits of pi); a stream ends with 48
/// others (those of its square root). Where they occur by chance, what comes of the cut cannot be decompressed, and the
/// cut is taken back: see ``Bzip2Reader``. All pieces together are the whole file: ``Bzip2Sequence`` looks whether they
/// are in order.
struct Bzip2Splitter {
  /// A piece of the file, from a mark to the next.
  struct Piece: Sendable {
    enum Kind: Sendable {
      /// What is before the first mark.
      case start
      case block
      /// The end of a stream, and what is between it and the next.
      case end
    }

    var kind: Kind
    /// From the mark on; of the first byte only the bits from the mark on are the piece's, of the last those before the
    /// next.
    var bytes: [UInt8]
    /// How many bits of the first byte are before the mark.
    var skippedBits: Int
    /// How many bits there are, from the mark on.
    var bits: Int
  }

  typealias Take = (Piece) throws(DumpError) -> Void

  private let path: String
  /// What the splitter has read and not given out yet.
  private var buffer: [UInt8] = []
  /// Where the piece that is under way begins, in bits.
  private var start = 0
  private var kind = Piece.Kind.start
  /// How far marks have been looked for, in bits.
  private var looked = 0
  private var window: UInt64 = 0

  /// No block is as long: it holds 900,000 numbers of at most 20 bits. What is no bzip2 file does not fill the memory.
  private static let longestPiece = 4 << 20
  private static let blockMark: UInt64 = 0x3141_5926_5359
  private static let endMark: UInt64 = 0x1772_4538_5090
  private static let mask: UInt64 = 0xffff_ffff_ffff

  init(path: String) { self.path = path }

  /// Adds bytes of the file, and hands out the pieces that are whole now.
  mutating func add(_ bytes: UnsafeRawBufferPointer, _ take: Take) throws(DumpError) {
    buffer.append(contentsOf: bytes)
    try look(take)
    // What has been given out is not needed any more.
    let done = start / 8
    if done > 1 << 16 {
      buffer.removeFirst(done)
      start -= done * 8
      looked -= done * 8
    }
    guard buffer.count <= Bzip2Splitter.longestPiece + bytes.count else {
      throw DumpError(.damaged, "\(path) is damaged: it is no bzip2 file, or there is something else in it")
    }
  }

  /// The file has ended: hands out the last piece.
  mutating func finish(_ take: Take) throws(DumpError) { try take(cut(to: buffer.count * 8)) }

  private mutating func look(_ take: Take) throws(DumpError) {
    var byte = looked / 8
    while byte < buffer.count {
      let value = buffer[byte]
      let old = window
      window = window << 8 | UInt64(value)
      // Whether a mark ends in this byte can be seen from bytes that lie wholly within it.
      if Bzip2Splitter.mayEnd(window, old) {
        for shift in stride(from: UInt64(7), through: 0, by: -1) {
          let mark = (window >> shift) & Bzip2Splitter.mask
          guard mark == Bzip2Splitter.blockMark || mark == Bzip2Splitter.endMark else { continue }
          let end = byte * 8 + 8 - Int(shift)
          guard end >= 48 else { continue }
          try take(cut(to: end - 48))
          start = end - 48
          kind = mark == Bzip2Splitter.endMark ? .end : .block
        }
      }
      byte += 1
    }
    looked = byte * 8
  }

  /// A quick look: bytes 2 to 5 of the last 56 bits hold bits 8 to 40 of a mark at one of eight shifts.
  @inline(__always)
  private static func mayEnd(_ window: UInt64, _ old: UInt64) -> Bool {
    let middle = UInt16(truncatingIfNeeded: window >> 16)
    return Bzip2Splitter.middles[Int(middle) >> 6] & (1 << (UInt64(middle) & 63)) != 0
  }

  /// Which 16 bits may stand 16 bits before the end of a byte in which a mark ends.
  private static let middles: [UInt64] = {
    var set = [UInt64](repeating: 0, count: 1024)
    for mark in [blockMark, endMark] {
      for shift in UInt64(0)..<8 {
        let middle = UInt16(truncatingIfNeeded: (mark << shift) >> 16)
        set[Int(middle) >> 6] |= 1 << (UInt64(middle) & 63)
      }
    }
    return set
  }()

  private func cut(to end: Int) -> Piece {
    Piece(
      kind: kind, bytes: Array(buffer[start / 8..<(end + 7) / 8]), skippedBits: start % 8, bits: end - start)
  }
}

extension Bzip2Splitter.Piece {
  /// The 32 bits at a place, in bits from the mark on; nil where the piece does not go as far.
  func number(at place: Int) -> UInt32? {
    guard place + 32 <= bits else { return nil }
    let first = (skippedBits + place) / 8
    let shift = UInt64((skippedBits + place) % 8)
    var value: UInt64 = 0
    for index in first..<first + 5 { value = value << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0) }
    return UInt32(truncatingIfNeeded: value >> (8 - shift))
  }

  /// The checksum of what a block holds, which is behind its mark.
  var checksum: UInt32 { number(at: 48) ?? 0 }

  /// What stands before the mark of the end of a stream, which goes on with the checksum of all its blocks: of one block
  /// that is the block's own.
  private static let end: [UInt8] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]

  /// The block as a stream of its own.
  var stream: [UInt8] {
    var stream: [UInt8] = Array("BZh9".utf8)
    stream.reserveCapacity(bytes.count + 16)
    // Shifted so that the block begins with a byte.
    let shift = UInt8(skippedBits)
    if shift == 0 {
      stream.append(contentsOf: bytes)
    } else {
      for index in bytes.indices {
        let next = index + 1 < bytes.count ? bytes[index + 1] >> (8 - shift) : 0
        stream.append(bytes[index] << shift | next)
      }
    }
    let whole = bits / 8
    let rest = bits % 8
    stream.removeLast(stream.count - 4 - whole - (rest > 0 ? 1 : 0))
    let checksum = stream.count >= 14 ? Array(stream[10..<14]) : [0, 0, 0, 0]
    guard rest > 0 else { return stream + Self.end + checksum }
    var last = UInt16(stream.removeLast()) & (0xff00 >> UInt16(rest))
    last &= 0xff
    for byte in Self.end + checksum {
      // `rest` bits are there already.
      stream.append(UInt8(last) | byte >> UInt8(rest))
      last = UInt16(byte << UInt8(8 - rest))
    }
    stream.append(UInt8(truncatingIfNeeded: last))
    return stream
  }

  /// This and the next together, where the mark between them was none.
  func joined(with next: Bzip2Splitter.Piece) -> Bzip2Splitter.Piece {
    // Both are cut from the same bytes: the next begins with the byte in which this ends, unless it ends with one.
    let overlap = (skippedBits + bits) % 8 == 0 ? 0 : 1
    return Bzip2Splitter.Piece(
      kind: kind, bytes: bytes.dropLast(overlap) + next.bytes, skippedBits: skippedBits, bits: bits + next.bits)
  }
}
