/// The rows in which a word stands, in ascending order. Of a long list the first row of every ``blockSize`` is written
/// in front, so that most of it need not be read.
struct PostingList {
  static let blockSize = 128
  /// Set in the number of a word that stands in one row only; the other bits are the row.
  static let single = 1 << 31

  private let bytes: SectionBytes
  /// How many rows there are, or should be.
  let count: Int
  private let skips: Int
  private let data: Int
  private var cursor: SectionCursor
  private var block = 0
  private var left: Int
  /// The row that the list stands at; nil at its end.
  private(set) var row: Int?

  init?(_ bytes: SectionBytes, _ number: Int) {
    self.bytes = bytes
    if number & PostingList.single != 0 {
      (count, skips, data, left) = (1, 0, 0, 0)
      cursor = SectionCursor(bytes, at: bytes.count)
      row = number & (PostingList.single - 1)
      return
    }
    cursor = SectionCursor(bytes, at: number)
    guard let count = cursor.number() else { return nil }
    self.count = count
    skips = cursor.position
    data = skips &+ 8 &* PostingList.skipCount(count)
    left = 0
    start(0)
  }

  static func skipCount(_ count: Int) -> Int { count > blockSize ? (count + blockSize - 1) / blockSize : 0 }

  private mutating func start(_ block: Int) {
    self.block = block
    left = min(count &- block &* PostingList.blockSize, PostingList.blockSize)
    let offset = block == 0 ? 0 : bytes.uint32(skips &+ 8 &* block &+ 4)
    cursor = SectionCursor(bytes, at: data &+ offset)
    row = nil
    step()
  }

  private mutating func step() {
    guard left > 0, let next = cursor.number() else {
      row = nil
      return
    }
    left &-= 1
    row = (row ?? 0) &+ next
  }

  mutating func advance() {
    step()
    if row == nil, left == 0, (block &+ 1) &* PostingList.blockSize < count { start(block &+ 1) }
  }

  /// Goes to the first row that is not before the one given.
  mutating func advance(to target: Int) {
    let skipCount = PostingList.skipCount(count)
    if skipCount > block &+ 1, bytes.uint32(skips &+ 8 &* (block &+ 1)) <= target {
      var (low, high) = (block &+ 1, skipCount)
      while low &+ 1 < high {
        let middle = low &+ (high &- low) / 2
        if bytes.uint32(skips &+ 8 &* middle) <= target { low = middle } else { high = middle }
      }
      start(low)
    }
    while let row, row < target { advance() }
  }

  static func append(_ rows: [Int], to bytes: inout [UInt8]) {
    bytes.append(number: rows.count)
    var data: [UInt8] = []
    var last = 0
    for (index, row) in rows.enumerated() {
      if index % blockSize == 0 {
        if skipCount(rows.count) > 0 {
          bytes.append(uint32: row)
          bytes.append(uint32: data.count)
        }
        last = 0
      }
      data.append(number: row - last)
      last = row
    }
    bytes.append(contentsOf: data)
  }

  /// Calls `body` with the rows that are in all of the lists.
  static func forEach(inAll lists: [PostingList], _ body: (Int) -> Bool) {
    // The rarest leads; the others follow.
    var lists = lists.sorted { $0.count < $1.count }
    guard !lists.isEmpty else { return }
    while let row = lists[0].row {
      var next = row
      for index in lists.indices.dropFirst() {
        lists[index].advance(to: row)
        guard let other = lists[index].row else { return }
        if other > row {
          next = other
          break
        }
      }
      if next == row {
        if !body(row) { return }
        lists[0].advance()
      } else {
        lists[0].advance(to: next)
      }
    }
  }
}
