internal import Core

/// Ids in ascending order, in mapped memory, 16 bytes each in network order.
struct SortedIDs {
  let bytes: UnsafeRawBufferPointer

  var count: Int { bytes.count / DatasetSection.idLength }

  subscript(index: Int) -> MBID {
    precondition(index >= 0 && index < count)
    // The buffer is not empty, so it has an address.
    guard let base = bytes.baseAddress else { return MBID(high: 0, low: 0) }
    return MBID(bytes: base + index * DatasetSection.idLength)
  }

  /// Where an id is. MBIDs are spread evenly, so where it must be can be computed: three or four looks find one among
  /// millions, where halving takes more than twenty. Ids that are not spread evenly are found by halving.
  ///
  /// Ids that are not in order, because the file is damaged, may not be found; that ends as well.
  func index(of id: MBID) -> Int? {
    var (low, high) = (0, count - 1)
    var looks = 0
    while low <= high {
      var guess = low + (high - low) / 2
      if looks < SortedIDs.mostGuesses, high - low > 4 {
        let (first, last) = (self[low].high, self[high].high)
        guard id.high >= first, id.high <= last else { return nil }
        if last > first {
          let share = Double(id.high - first) / Double(last - first)
          guess = min(max(low + Int(share * Double(high - low)), low), high)
        }
      }
      looks += 1
      let found = self[guess]
      if found == id { return guess }
      if (found.high, found.low) < (id.high, id.low) { low = guess + 1 } else { high = guess - 1 }
    }
    return nil
  }

  private static let mostGuesses = 12

  /// Whether each is greater than the one before.
  var isAscending: Bool {
    (1..<max(1, count)).allSatisfy { (self[$0 - 1].high, self[$0 - 1].low) < (self[$0].high, self[$0].low) }
  }
}
