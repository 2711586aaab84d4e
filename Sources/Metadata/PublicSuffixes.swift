/// Under which domains names are registered: `com.au` as well as `com`. The table is a resource that is searched where it
/// lies; documents look into it when they are made, and nothing else does.
enum PublicSuffixes {
  /// How many of the labels at the end of a host make up its public suffix, by the algorithm of publicsuffix.org.
  ///
  /// - Parameter labels: of the host, in lower case.
  static func labelCount(of labels: [Substring]) -> Int {
    // The suffix with the most labels prevails, and an exception over all. The last label is one whether listed or not.
    for start in labels.indices.dropLast() {
      let domain = labels[(start + 1)...].joined(separator: ".")
      guard let line = line(of: domain) else { continue }
      var isSuffix = false
      for rule in line.split(separator: space) {
        if rule.first == UInt8(ascii: "!"), rule.dropFirst().elementsEqual(labels[start].utf8) {
          return labels.count - start - 1
        }
        isSuffix = isSuffix || rule.elementsEqual("*".utf8) || rule.elementsEqual(labels[start].utf8)
      }
      if isSuffix { return labels.count - start }
    }
    return 1
  }

  private static let space = UInt8(ascii: " ")
  private static let newline = UInt8(ascii: "\n")

  /// What stands behind a domain in the table, found by halving it.
  private static func line(of domain: String) -> ArraySlice<UInt8>? {
    let table = PackageResources.public_suffixes_txt
    let domain = Array(domain.utf8)
    var rest = table[...]
    while !rest.isEmpty {
      let middle = rest.startIndex + rest.count / 2
      let start = (rest[..<middle].lastIndex(of: newline)).map { $0 + 1 } ?? rest.startIndex
      let end = rest[middle...].firstIndex(of: newline) ?? rest.endIndex
      let line = rest[start..<end]
      let name = line.prefix { $0 != space }
      if name.elementsEqual(domain) { return line.dropFirst(name.count + 1) }
      if name.lexicographicallyPrecedes(domain) {
        rest = end < rest.endIndex ? rest[(end + 1)...] : rest[rest.endIndex...]
      } else {
        rest = rest[..<start]
      }
    }
    return nil
  }
}
