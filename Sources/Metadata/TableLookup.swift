public import Cache
public import Core
public import Documents

/// Finds artists and albums by what a table and the documents beside it know. All else is another's to find, and when
/// that one cannot be asked, this is the answer: it is never said for the table's sake that something does not exist.
///
/// A recording stands for the albums that list it. Its artist, which a database names as well, is left out, and so are
/// albums on which it is a video or a data track.
public final class TableLookup: LookupSource, LinkSource {
  private let table: any LinkTable
  private let documents: ([CacheKey]) -> [Document?]
  private let other: any LookupSource & LinkSource

  /// Albums that a recording may be found on.
  private static let mostHolders = 50
  private static let mostAlbums = 5
  /// Documents that are looked into for one question: those that most of the recordings lead to. An album that none but a
  /// few of hundreds lead to is not the one that is looked for.
  private static let mostDocuments = 400

  /// - Parameter documents: those that are stored beside the table, in the order of the keys; nil where there is none.
  public init(
    _ table: any LinkTable, _ documents: @escaping ([CacheKey]) -> [Document?],
    else other: any LookupSource & LinkSource
  ) {
    self.table = table
    self.documents = documents
    self.other = other
  }

  // MARK: - What an id or a page stands for

  /// The album of a release, or the albums that list a recording, the earliest first. Where an album's date is known in
  /// part, its first day counts.
  public func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] {
    if let release = table.release(id) { return [.album(release.album)] }
    var albums: [(date: String, id: MBID)] = []
    try look(into: table.candidates(holding: id).prefix(TableLookup.mostDocuments), by: deadline) { album, reading in
      guard !reading.releases(holding: [id]).isEmpty else { return }
      // Those without a date come last; a year has four digits.
      albums.append((reading.head["releasedate"].text ?? "~", album))
    }
    guard !albums.isEmpty else { return try other.identify(id, by: deadline) }
    return albums.sorted { ($0.date, $0.id.high, $0.id.low) < ($1.date, $1.id.high, $1.id.low) }
      .prefix(TableLookup.mostHolders).map { .album($0.id) }
  }

  public func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] {
    var seen: Set<EntityID> = []
    let found = urls.flatMap { table.targets(ofPage: $0) }.filter { seen.insert($0).inserted }
    guard !found.isEmpty else { return try other.identify(urls: urls, by: deadline) }
    return found.filter { $0.kind == .artist } + found.filter { $0.kind == .album }
  }

  // MARK: - Albums of recordings and releases

  /// As MusicBrainz' database does: first the album with a release that has as many tracks as there are recordings, then
  /// by the share of its tracks that they are.
  public func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
    let asked = Set(recordings)
    var hits: [MBID: Int] = [:]
    for recording in asked {
      for album in Set(table.candidates(holding: recording)) { hits[album, default: 0] += 1 }
    }
    let candidates = hits.sorted { ($1.value, $0.key.high, $0.key.low) < ($0.value, $1.key.high, $1.key.low) }
      .prefix(TableLookup.mostDocuments).map(\.key)
    var best: [(difference: Int, share: Double, id: MBID)] = []
    try look(into: candidates, by: deadline) { album, reading in
      let scores = reading.releases(holding: asked).map { release, matched in
        let tracks = table.release(release)?.tracks ?? 0
        return (difference: abs(tracks - recordings.count), share: Double(matched) / Double(max(tracks, 1)))
      }
      guard let score = scores.min(by: { ($0.difference, -$0.share) < ($1.difference, -$1.share) }) else { return }
      best.append((score.difference, score.share, album))
    }
    guard !best.isEmpty else { return try other.albums(holding: recordings, by: deadline) }
    return best.sorted {
      ($0.difference, -$0.share, $0.id.high, $0.id.low) < ($1.difference, -$1.share, $1.id.high, $1.id.low)
    }.prefix(TableLookup.mostAlbums).map(\.id)
  }

  public func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] {
    let known = knownAlbums(ofReleases: ids)
    let rest = ids.filter { known[$0] == nil }
    guard !rest.isEmpty else { return known }
    return known.merging(try other.albums(ofReleases: rest, by: deadline)) { $1 }
  }

  public func knownAlbums(ofReleases ids: [MBID]) -> [MBID: MBID] {
    Dictionary(ids.compactMap { id in table.release(id).map { (id, $0.album) } }) { first, _ in first }
  }

  /// Dates are those of the documents: where a part is not known, the first day counts. An artist is called as in its
  /// document.
  public func albums(
    ofReleasesOrGroups ids: [MBID], by deadline: Deadline
  ) throws(SourceError) -> [MBID: AlbumMatch] {
    var known: [MBID: AlbumMatch] = [:]
    for id in ids { known[id] = match(table.release(id)?.album ?? id) }
    let rest = ids.filter { known[$0] == nil }
    guard !rest.isEmpty else { return known }
    return known.merging(try other.albums(ofReleasesOrGroups: rest, by: deadline)) { $1 }
  }

  private func match(_ id: MBID) -> AlbumMatch? {
    guard let (id, document) = present(CacheKey(.album, id)), let head = AlbumReading(document)?.head,
      let title = head["title"].text, let artist = head["artistid"].text.flatMap({ MBID($0) }),
      let (artistID, artistDocument) = present(CacheKey(.artist, artist)),
      let name = AlbumReading.head(of: artistDocument)["artistname"].text
    else { return nil }
    return AlbumMatch(
      id: id, title: title, artistID: artistID, artist: name,
      date: head["releasedate"].text.flatMap { PartialDate(calendarDate: $0) } ?? .unknown)
  }

  /// The document of an entity, and of which it is where the one asked for was merged.
  private func present(_ key: CacheKey) -> (id: MBID, document: Document)? {
    guard let document = documents([key]).first.flatMap(\.self) else { return nil }
    guard case .moved(let survivor) = document.state else {
      return document.state == .present ? (key.id, document) : nil
    }
    guard let document = documents([CacheKey(key.kind, survivor)]).first.flatMap(\.self), document.state == .present
    else { return nil }
    return (survivor, document)
  }

  private func look(
    into albums: some Sequence<MBID>, by deadline: Deadline, _ body: (MBID, AlbumReading) -> Void
  ) throws(SourceError) {
    for id in albums {
      guard !deadline.hasPassed else { throw SourceError(.timedOut, "the dataset file: did not answer in time") }
      guard let document = documents([CacheKey(.album, id)]).first.flatMap(\.self), document.state == .present,
        let reading = AlbumReading(document)
      else { continue }
      body(id, reading)
    }
  }

  // MARK: - Spotify

  public func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] {
    let known = knownLinks(toSpotify: ids)
    let linked = Set(known.map(\.id))
    let rest = ids.filter { !linked.contains($0) }
    guard !rest.isEmpty else { return known }
    return known + (try other.links(toSpotify: rest, by: deadline))
  }

  public func knownLinks(toSpotify ids: [SpotifyID]) -> [SpotifyLink] {
    var seen: Set<SpotifyID> = []
    return ids.filter { seen.insert($0).inserted }.flatMap { id in
      EntityID.Kind.allCases.compactMap { kind in
        table.target(ofSpotify: id, kind).map { SpotifyLink(id: id, kind: kind, target: $0) }
      }
    }
  }

  // MARK: - What is in documents of their own

  public func hasSeries(_ id: MBID, by deadline: Deadline) throws(SourceError) -> Bool {
    try other.hasSeries(id, by: deadline)
  }

  public func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] {
    try other.series(id, by: deadline)
  }
}
