/// The least numbers of several ranges of a ``KeyOrder``, at most so many, and the blocks that may have others.
struct LeastNumbers {
  private let most: Int
  /// How many numbers are looked at before it has to do with what was found.
  private var budget: Int
  private let accepts: ((Int) -> Bool)?
  /// The greatest first.
  private var kept = Heap { $0 > $1 }
  /// The minimum, the level and the index of a block or of many.
  private var waiting = Heap { $0 < $1 }

  /// - Parameter accepts: which numbers count; nil for all.
  init(_ most: Int, budget: Int = 1 << 16, where accepts: ((Int) -> Bool)? = nil) {
    self.most = most
    self.budget = budget
    self.accepts = accepts
  }

  /// In no order.
  var numbers: [Int] { kept.elements.map(Int.init) }

  private func isWanted(_ number: Int) -> Bool {
    guard kept.elements.count >= most else { return true }
    return kept.first.map { UInt64(number) < $0 } ?? false
  }

  mutating func add(_ number: Int) {
    budget &-= 1
    guard isWanted(number), accepts?(number) ?? true else { return }
    if kept.elements.count >= most { kept.removeFirst() }
    kept.insert(UInt64(number))
  }

  mutating func push(level: Int, index: Int, minimum: Int) {
    guard isWanted(minimum) else { return }
    // 32 bits, 4 and 28, which is enough for 2^33 keys.
    waiting.insert(UInt64(minimum) << 32 | UInt64(level & 15) << 28 | UInt64(index & 0xfff_ffff))
  }

  mutating func pop() -> (level: Int, index: Int)? {
    guard budget > 0, let next = waiting.first, isWanted(Int(next >> 32)) else {
      waiting.elements.removeAll()
      return nil
    }
    waiting.removeFirst()
    return (Int(next >> 28 & 15), Int(next & 0xfff_ffff))
  }

  private struct Heap {
    var elements: [UInt64] = []
    let isBefore: (UInt64, UInt64) -> Bool

    var first: UInt64? { elements.first }

    mutating func insert(_ element: UInt64) {
      var child = elements.count
      elements.append(element)
      while child > 0, isBefore(element, elements[(child - 1) / 2]) {
        elements.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    }

    mutating func removeFirst() {
      guard let last = elements.popLast(), !elements.isEmpty else { return }
      elements[0] = last
      var parent = 0
      while true {
        var best = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < elements.count && isBefore(elements[child], elements[best]) {
          best = child
        }
        if best == parent { return }
        elements.swapAt(parent, best)
        parent = best
      }
    }
  }
}
