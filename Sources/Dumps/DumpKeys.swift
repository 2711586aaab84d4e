internal import Core

/// What documents are put together from beside their records, by key, in memory: small tables, and of large ones the
/// little that many rows refer to.
struct DumpKeys: Sendable {
  // Names by key.
  var artistTypes: [Int: String] = [:]
  var primaryTypes: [Int: String] = [:]
  var secondaryTypes: [Int: String] = [:]
  var statuses: [Int: String] = [:]
  var formats: [Int: String] = [:]
  var areas: [Int: String] = [:]
  var labels = KeyedTexts()
  /// The types of aliases that are shown, as in `artists.sql` and `albums.sql`.
  var artistNameType: Int?
  var groupNameType: Int?
  /// Of tags that are genres.
  var genreOfTag: [Int: String] = [:]

  var artists = KeyedArray<MBID>(nothing: DumpKeys.noID)
  /// The first artist of each artist credit.
  var artistOfCredit = KeyedArray<UInt32>(nothing: 0)
  var creditNames = KeyedTexts()

  // Ids that were merged, by the key of the survivor. Those of others are among the records.
  var mergedTracks = KeyedLists<MBID>()
  var mergedSeries = KeyedLists<MBID>()

  static let noID = MBID(high: 0, low: 0)

  mutating func sort() {
    mergedTracks.sort()
    mergedSeries.sort()
  }
}

extension [MBID] {
  /// In the order in which PostgreSQL sorts UUIDs.
  var inOrder: [MBID] { sorted { ($0.high, $0.low) < ($1.high, $1.low) } }
}

extension [String] {
  /// Each once, in the order of their bytes, as `COLLATE "C"` has them. Swift takes texts for equal that Unicode does.
  var distinctBytewise: [String] {
    var distinct: [String] = []
    for text in sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    where distinct.last?.utf8.elementsEqual(text.utf8) != true {
      distinct.append(text)
    }
    return distinct
  }
}
