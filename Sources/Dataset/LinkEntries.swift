internal import Core

/// The entries of a ``LinkSection``, in mapped memory.
struct LinkEntries {
  struct Target: Equatable {
    var kind: EntityID.Kind
    var place: Int
  }

  let count: Int
  private let keyLength: Int
  private let keys: UnsafeRawBufferPointer
  private let targets: UnsafeRawBufferPointer
  /// Empty where the section has none.
  private let extras: UnsafeRawBufferPointer

  /// Hundred thousands of releases link to the page of a license. Nobody reads all of them.
  private static let mostOfOneKey = 1_000
  private static let mostGuesses = 12

  /// - Parameter bytes: as many as so many entries take.
  init(_ section: LinkSection, _ bytes: UnsafeRawBufferPointer, count: Int) {
    precondition(bytes.count == count * section.entryLength)
    self.count = count
    keyLength = section.keyLength
    let length = count * LinkSection.targetLength
    keys = UnsafeRawBufferPointer(rebasing: bytes[..<(count * section.keyLength)])
    let rest = bytes[keys.count...]
    targets = UnsafeRawBufferPointer(rebasing: rest.prefix(length))
    extras = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length))
  }

  subscript(index: Int) -> UInt64 {
    precondition(index >= 0 && index < count)
    guard keyLength == 8 else { return UInt64(keys.number(at: index * 4) as UInt32) }
    return keys.number(at: index * 8)
  }

  func target(at index: Int) -> Target {
    let target: UInt32 = targets.number(at: index * LinkSection.targetLength)
    return Target(
      kind: target & LinkSection.albumBit == 0 ? .artist : .album, place: Int(target & ~LinkSection.albumBit))
  }

  func extra(at index: Int) -> UInt32 {
    extras.isEmpty ? 0 : extras.number(at: index * LinkSection.targetLength)
  }

  /// Where the entries with a key are, or the first of very many. Keys that are not in order, because the file is damaged,
  /// may not be found.
  func places(of key: UInt64) -> Range<Int> {
    let start = first(notBelow: key)
    var end = start
    while end < count, end - start < LinkEntries.mostOfOneKey, self[end] == key { end += 1 }
    return start..<end
  }

  /// Found as ``SortedIDs`` finds ids: keys are spread evenly, so where one must be can be computed.
  private func first(notBelow key: UInt64) -> Int {
    var (low, high) = (0, count)
    var looks = 0
    while low < high {
      var guess = low + (high - low) / 2
      if looks < LinkEntries.mostGuesses, high - low > 4 {
        let (first, last) = (self[low], self[high - 1])
        guard key > first else { return low }
        guard key <= last else { return high }
        let share = Double(key - first) / Double(last - first)
        guess = min(max(low + Int(share * Double(high - 1 - low)), low), high - 1)
      }
      looks += 1
      if self[guess] < key { low = guess + 1 } else { high = guess }
    }
    return low
  }

  /// Whether no key is less than the one before.
  var isAscending: Bool { (1..<max(1, count)).allSatisfy { self[$0 - 1] <= self[$0] } }
}
