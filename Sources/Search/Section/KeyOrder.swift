/// Keys in order, each with a number: what a section is searched by.
///
/// Every key is written as what it does not share with the one before it. A block of ``blockSize`` begins with a whole
/// key, and where the blocks begin is a list of its own. Beside them stands the least number of each block, of 16
/// blocks, of 256 and so on: the least numbers are those of the best known, and are found without reading the others.
struct KeyOrder {
  static let blockSize = 32
  static let fanOut = 16
  /// Shared or not, more of a key than this is written behind its first byte.
  static let longestShort = 15

  private let blocks: SectionBytes
  private let heads: SectionBytes
  private let minima: SectionBytes
  private let levels: [(start: Int, count: Int)]

  let blockCount: Int

  init(blocks: SectionBytes, heads: SectionBytes, minima: SectionBytes) {
    self.blocks = blocks
    self.heads = heads
    self.minima = minima
    blockCount = heads.count / 4
    levels = KeyOrder.levels(blockCount)
  }

  /// Where the least numbers of one, of 16, of 256 blocks begin, and how many there are.
  static func levels(_ blockCount: Int) -> [(start: Int, count: Int)] {
    var levels: [(start: Int, count: Int)] = []
    var (start, count) = (0, blockCount)
    while count > 0 {
      levels.append((start, count))
      if count == 1 { break }
      start += count
      count = (count + fanOut - 1) / fanOut
    }
    return levels
  }

  // MARK: - Entries

  /// The entries of a block, compared with a key that is looked for.
  private struct Scan {
    enum Order { case before, begins, behind }

    private var cursor: SectionCursor
    private let key: UnsafeBufferPointer<UInt8>
    private var matched = 0
    private(set) var order = Order.before
    /// How long the entry's own key is.
    private(set) var length = 0
    private(set) var number = 0

    init(_ cursor: SectionCursor, _ key: UnsafeBufferPointer<UInt8>) {
      self.cursor = cursor
      self.key = key
    }

    /// - Returns: false at the end of the bytes.
    mutating func next() -> Bool {
      guard let head = cursor.byte() else { return false }
      let shared = Int(head >> 4)
      var count = Int(head & 15)
      if count == KeyOrder.longestShort {
        guard let long = cursor.number() else { return false }
        count = long
      }
      guard let suffix = cursor.range(count), let number = cursor.uint32() else { return false }
      self.number = number
      length = shared &+ count
      // What is the same as in the entry before compares as that did.
      if order == .behind || shared > matched { return true }
      matched = shared
      var index = suffix.lowerBound
      while matched < key.count, index < suffix.upperBound, cursor.bytes.byte(index) == key[matched] {
        matched &+= 1
        index &+= 1
      }
      if matched == key.count {
        order = .begins
      } else if index == suffix.upperBound {
        order = .before
      } else {
        order = cursor.bytes.byte(index) < key[matched] ? .before : .behind
      }
      return true
    }
  }

  private func scan(_ block: Int, _ key: UnsafeBufferPointer<UInt8>) -> Scan {
    Scan(SectionCursor(blocks, at: heads.uint32(block &* 4)), key)
  }

  /// How many blocks, from a block on, begin with a key before the one given, or with one that begins with it.
  private func blocks(from start: Int, before key: UnsafeBufferPointer<UInt8>, orBeginning: Bool) -> Int {
    var (low, high) = (start, blockCount)
    while low < high {
      let middle = low &+ (high &- low) / 2
      var first = scan(middle, key)
      let isBefore = first.next() && (first.order == .before || orBeginning && first.order == .begins)
      if isBefore { low = middle &+ 1 } else { high = middle }
    }
    return low &- start
  }

  /// The numbers of a key, in the order they are written in, which is ascending.
  func forEach(_ key: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Bool) {
    guard blockCount > 0 else { return }
    var block = max(0, blocks(from: 0, before: key, orBeginning: false) &- 1)
    while block < blockCount {
      var scan = scan(block, key)
      for _ in 0..<KeyOrder.blockSize {
        guard scan.next() else { break }
        switch scan.order {
        case .before: break
        case .behind: return
        case .begins:
          if scan.length == key.count, !body(scan.number) { return }
        }
      }
      block &+= 1
    }
  }

  // MARK: - The least numbers

  /// Adds the least numbers of keys that begin so.
  func collect(beginning key: UnsafeBufferPointer<UInt8>, into least: inout LeastNumbers) {
    guard blockCount > 0 else { return }
    let first = max(0, blocks(from: 0, before: key, orBeginning: false) &- 1)
    let last = max(first, first &+ blocks(from: first, before: key, orBeginning: true) &- 1)
    add(first, key, into: &least)
    guard last > first else { return }
    var block = first &+ 1
    while block < last {
      var level = 0
      var span = 1
      while level &+ 1 < levels.count, block % (span &* KeyOrder.fanOut) == 0, block &+ span &* KeyOrder.fanOut <= last
      {
        level &+= 1
        span &*= KeyOrder.fanOut
      }
      least.push(level: level, index: block / span, minimum: minimum(level, block / span))
      block &+= span
    }
    add(last, key, into: &least)
  }

  /// Looks into the blocks that were put off, the one with the least number first, until no other can have less.
  func finish(_ least: inout LeastNumbers) {
    while let node = least.pop() {
      if node.level == 0 {
        add(node.index, UnsafeBufferPointer(start: nil, count: 0), into: &least)
        continue
      }
      let level = node.level &- 1
      guard level < levels.count else { continue }
      for child in (node.index &* KeyOrder.fanOut)..<min(levels[level].count, (node.index &+ 1) &* KeyOrder.fanOut) {
        least.push(level: level, index: child, minimum: minimum(level, child))
      }
    }
  }

  private func minimum(_ level: Int, _ index: Int) -> Int {
    minima.uint32((levels[level].start &+ index) &* 4)
  }

  private func add(_ block: Int, _ key: UnsafeBufferPointer<UInt8>, into least: inout LeastNumbers) {
    var scan = scan(block, key)
    for _ in 0..<KeyOrder.blockSize {
      guard scan.next(), scan.order != .behind else { return }
      if scan.order == .begins { least.add(scan.number) }
    }
  }
}
