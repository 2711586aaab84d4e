internal import Core
internal import Metadata

/// The release groups in series, as `series.sql` asks for them.
struct SeriesRows: Sendable {
  struct Entry: Sendable {
    /// Keys of the row, of its link and of the release group.
    var row: Int
    var link: Int
    var group: Int
    var order: Int
  }

  private(set) var ids: [(key: Int, id: MBID)] = []
  private(set) var entries: [Int: [Entry]] = [:]
  private var links: Set<Int> = []
  private(set) var typeOfLink: [Int: Int] = [:]
  private(set) var numbers: [Int: String] = [:]
  /// The key of the relationship "part of".
  var partOfType: Int?
  /// What is told of the release groups, once they have been assembled.
  var groups: [Int: SeriesEntry] = [:]

  /// The relationship "part of", and the attribute "number".
  static let partOf: MBID = "01018437-91d8-36b9-bf89-3f885d53b5bd"
  static let numberAttribute = 788

  mutating func add(_ id: MBID, at key: Int) { ids.append((key, id)) }

  mutating func add(_ entry: Entry, to series: Int) {
    entries[series, default: []].append(entry)
    links.insert(entry.link)
  }

  mutating func add(link: Int, type: Int) {
    if links.contains(link) { typeOfLink[link] = type }
  }

  mutating func add(link: Int, number: String) {
    if links.contains(link) { numbers[link] = number }
  }

  /// The release groups that are in any.
  var wanted: Set<Int> { Set(entries.values.joined().map(\.group)) }

  /// The entries of a series in its order.
  ///
  /// - Throws: when a release group is not there: a client would delete what a list lacks.
  func list(of series: Int) throws(DumpError) -> [SeriesEntry] {
    let listed = (entries[series] ?? []).filter { partOfType != nil && typeOfLink[$0.link] == partOfType }
    var list: [SeriesEntry] = []
    for entry in listed.sorted(by: isBefore) {
      guard let group = groups[entry.group] else {
        throw DumpError(
          .contradictory,
          "\(DumpArchive.core.rawValue), table l_release_group_series: row \(entry.row) is of release group "
            + "\(entry.group), which is not there")
      }
      list.append(group)
    }
    return list
  }

  /// By the order that MusicBrainz keeps; where that is the same, by the number at the beginning of the attribute, those
  /// without one last.
  private func isBefore(_ left: Entry, _ right: Entry) -> Bool {
    if left.order != right.order { return left.order < right.order }
    let (leftText, rightText) = (numbers[left.link], numbers[right.link])
    let (leftNumber, rightNumber) = (SeriesRows.digits(leftText), SeriesRows.digits(rightText))
    if leftNumber != rightNumber {
      guard let leftNumber else { return false }
      guard let rightNumber else { return true }
      return leftNumber.count != rightNumber.count
        ? leftNumber.count < rightNumber.count : leftNumber.lexicographicallyPrecedes(rightNumber)
    }
    if leftText != rightText {
      guard let leftText else { return false }
      guard let rightText else { return true }
      return leftText.utf8.lexicographicallyPrecedes(rightText.utf8)
    }
    return (left.group, left.row) < (right.group, right.row)
  }

  /// The digits at the beginning without zeros before them: compared by how many there are first.
  private static func digits(_ text: String?) -> [UInt8]? {
    let digits = (text ?? "").utf8.prefix { (48...57).contains($0) }
    guard !digits.isEmpty else { return nil }
    return Array(digits.drop { $0 == 48 })
  }
}
