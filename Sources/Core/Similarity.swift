/// How alike two texts are.
public enum Similarity {
  /// From 0 to 1, whatever their case: 1 - (insertions + deletions) / (length of both). So `python-Levenshtein`'s
  /// `ratio` counts, which the threshold in the settings was made for.
  public static func ratio(_ first: String, _ second: String) -> Double {
    let a = Array(first.lowercased().unicodeScalars.prefix(500))
    let b = Array(second.lowercased().unicodeScalars.prefix(500))
    guard !a.isEmpty || !b.isEmpty else { return 1 }
    // The longest common subsequence, row by row.
    var row = [Int](repeating: 0, count: b.count + 1)
    for left in a {
      var diagonal = 0
      for (index, right) in b.enumerated() {
        let above = row[index + 1]
        row[index + 1] = left == right ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return Double(2 * row[b.count]) / Double(a.count + b.count)
  }
}
