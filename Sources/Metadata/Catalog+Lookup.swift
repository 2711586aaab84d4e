internal import Cache
public import Core
public import Documents

extension Catalog {
  /// More recordings than an album has. The client sends what acoustic fingerprints may stand for, several for a track;
  /// a thousand of them tell which album it is. An error in place of the rest would end its import.
  static let mostRecordings = 1_000

  /// Up to five albums with a release that holds these recordings, the best match first.
  public func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
    try lookup.albums(holding: Array(recordings.unique.prefix(Catalog.mostRecordings)), by: deadline)
  }

  /// The albums of a series as JSON, and how long that may be believed. A series that does not exist has none.
  public func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> (body: Body, expires: UnixTime) {
    let document = try store.load([CacheKey(.series, id)], by: deadline, compute: computeSeries)[0]
    return (Body(document.parts.map(\.fragment)), document.expires)
  }

  func computeSeries(
    _ keys: [CacheKey], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey: Document] {
    var documents: [CacheKey: Document] = [:]
    for key in keys {
      let entries = try lookup.series(key.id, by: deadline)
      let seconds = entries.isEmpty ? options.emptyListSeconds : options.listSeconds
      documents[key] = Document(
        parts: [.init(Fragment(SeriesDocument.list(of: entries)))], references: entries.map(\.album).unique,
        expires: now() + seconds)
    }
    return documents
  }
}

extension [MBID] {
  /// Each once, in the order in which they come first.
  var unique: [MBID] {
    var seen: Set<MBID> = []
    return filter { seen.insert($0).inserted }
  }
}
