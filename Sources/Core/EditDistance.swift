/// How many single mistakes lie between two words: a character too many, one too few, a wrong one, or two neighbours in
/// the wrong order (optimal string alignment).
public enum EditDistance {
  /// - Returns: nil when there are more than `limit`.
  @inlinable
  public static func between<Element: Equatable>(_ left: [Element], _ right: [Element], limit: Int = .max) -> Int? {
    guard abs(left.count - right.count) <= limit else { return nil }
    // What they have in common at either end cannot matter.
    var start = 0
    while start < min(left.count, right.count), left[start] == right[start] { start += 1 }
    var (leftEnd, rightEnd) = (left.count, right.count)
    while leftEnd > start, rightEnd > start, left[leftEnd - 1] == right[rightEnd - 1] {
      leftEnd -= 1
      rightEnd -= 1
    }
    let (width, height) = (leftEnd - start, rightEnd - start)
    guard width > 0, height > 0 else { return max(width, height) <= limit ? max(width, height) : nil }

    var beforeLast = [Int](repeating: 0, count: width + 1)
    var last = Array(0...width)
    var row = last
    for y in 1...height {
      row[0] = y
      var best = y
      for x in 1...width {
        let (a, b) = (left[start + x - 1], right[start + y - 1])
        var cost = min(row[x - 1] + 1, last[x] + 1, last[x - 1] + (a == b ? 0 : 1))
        if x > 1, y > 1, a == right[start + y - 2], left[start + x - 2] == b { cost = min(cost, beforeLast[x - 2] + 1) }
        row[x] = cost
        best = min(best, cost)
      }
      if best > limit { return nil }
      (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[width] <= limit ? last[width] : nil
  }

  public static func between(_ left: String, _ right: String, limit: Int) -> Int? {
    between(Array(left.unicodeScalars), Array(right.unicodeScalars), limit: limit)
  }
}
