internal import Synchronization

/// 64-bit words that processes share. One process writes a word, any may read it; each is read and written as a whole.
public struct Words {
  private let base: UnsafeMutableRawPointer
  let count: Int

  /// - Parameter base: the first of `count` words, which are there for as long as this is used.
  init(_ base: UnsafeMutableRawPointer, count: Int) {
    self.base = base
    self.count = count
  }

  private func atomic(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    precondition(index >= 0 && index < count)
    return (base + index * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  subscript(index: Int) -> UInt64 {
    get { atomic(index).pointee.load(ordering: .acquiring) }
    nonmutating set { atomic(index).pointee.store(newValue, ordering: .releasing) }
  }

  /// Adds to a word that nobody else writes.
  func add(_ amount: UInt64, to index: Int) {
    let word = atomic(index)
    word.pointee.store(word.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  /// Adds to a word that others write as well.
  func addShared(_ amount: UInt64, to index: Int) { atomic(index).pointee.wrappingAdd(amount, ordering: .relaxed) }

  /// Writes a word if it has not changed.
  ///
  /// - Returns: whether it had not.
  func exchange(_ index: Int, from old: UInt64, to new: UInt64) -> Bool {
    atomic(index).pointee.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
  }

  func part(from start: Int, count: Int) -> Words {
    precondition(start >= 0 && count >= 0 && start + count <= self.count)
    return Words(base + start * 8, count: count)
  }

  // MARK: - Texts

  /// Writes a text, cut off where the words end. A reader finds zeros behind it.
  func setText(_ text: String) {
    var bytes = text.utf8.makeIterator()
    for index in 0..<count {
      var word: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 8) { word |= UInt64(bytes.next() ?? 0) << shift }
      self[index] = word
    }
  }

  /// Whatever is there, as a text on one line.
  var text: String {
    var bytes: [UInt8] = []
    for index in 0..<count {
      let word = self[index]
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        let byte = UInt8(truncatingIfNeeded: word >> shift)
        guard byte != 0 else { return LogText.escaped(String(decoding: bytes, as: UTF8.self)) }
        bytes.append(byte)
      }
    }
    return LogText.escaped(String(decoding: bytes, as: UTF8.self))
  }

  /// Zeros all of them.
  func clear() { for index in 0..<count { self[index] = 0 } }
}

/// A text behind a number that tells whether it was read as a whole: the number is odd while it is written, and another
/// afterwards.
struct SharedText {
  let words: Words

  func set(_ text: String) {
    words[0] = words[0] &+ 1 | 1
    atomicMemoryFence(ordering: .releasing)
    words.part(from: 1, count: words.count - 1).setText(text)
    words[0] = words[0] &+ 1
  }

  /// The text; nil while somebody writes it, for longer than anybody does.
  var text: String? {
    for _ in 0..<100 {
      let before = words[0]
      let text = words.part(from: 1, count: words.count - 1).text
      atomicMemoryFence(ordering: .acquiring)
      if before & 1 == 0, words[0] == before { return text }
    }
    return nil
  }
}
