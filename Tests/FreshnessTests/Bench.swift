import Core
import Documents
import Foundation
import Freshness
import Logging
import Metadata
import SQLiteStore
import Testing

@testable import Cache

/// MusicBrainz as the tests say it is.
final class ScriptedSource: MetadataSource, LookupSource, LinkSource {
  var artists: [MBID: Artist] = [:]
  var albums: [MBID: Album] = [:]
  var lists: [MBID: [MBID]] = [:]
  /// Merged ids, and what they were merged into.
  var merged: [MBID: MBID] = [:]
  var links: [SpotifyLink] = []
  var error: SourceError?
  /// Ids for whose sake no question with them can be answered.
  var bad: Set<MBID> = []
  var during: () -> Void = {}
  /// What it was asked for, a batch each.
  private(set) var batches: [[MBID]] = []

  private func note(_ ids: [MBID], _ deadline: Deadline) throws(SourceError) {
    #expect(!deadline.isAwaited)
    batches.append(ids)
    during()
    guard deadline.beat() else { throw SourceError(.timedOut, "stopped") }
    if let error { throw error }
    if !bad.isDisjoint(with: ids) { throw SourceError(.failed, "bad rows") }
  }

  private func found<Entity>(_ ids: [MBID], in all: [MBID: Entity]) -> [MBID: Entity] {
    var found: [MBID: Entity] = [:]
    for id in ids { found[id] = all[merged[id] ?? id] }
    return found
  }

  func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
    try note(ids, deadline)
    return found(ids, in: artists)
  }

  func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography] {
    try note(ids, deadline)
    return found(ids, in: artists).mapValues { artist in
      Discography(
        artist: artist,
        albums: (lists[artist.id] ?? []).compactMap { albums[$0] }.map { AlbumSummary(id: $0.id, title: $0.title) })
    }
  }

  func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
    try note(ids, deadline)
    return found(ids, in: albums)
  }

  func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }
  func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
  func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
  func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] { [] }
  func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] { [] }

  func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] {
    if let error { throw error }
    return links.filter { ids.contains($0.id) }
  }
  func albums(
    ofReleasesOrGroups ids: [MBID], by deadline: Deadline
  ) throws(SourceError) -> [MBID: AlbumMatch] { [:] }
}

/// Providers, of which one may be down.
final class ScriptedDecorator: Decorator {
  var isDown = false
  var overview = "An overview."

  private func decoration(_ now: UnixTime) -> Decoration {
    var decoration = Decoration()
    decoration.overview = overview
    decoration.isComplete = !isDown
    return decoration
  }

  func decorations(of artists: [Artist], by deadline: Deadline) -> [MBID: Decoration] {
    Dictionary(artists.map { ($0.id, decoration(.now)) }) { first, _ in first }
  }
  func decorations(of albums: [Album], by deadline: Deadline) -> [MBID: Decoration] {
    Dictionary(albums.map { ($0.id, decoration(.now)) }) { first, _ in first }
  }
}

/// A store in a file of its own, and all that keeps it warm, under a clock that the test moves.
final class Bench {
  let directory = FileManager.default.temporaryDirectory.appending(path: "fresh-\(UUID().uuidString.prefix(8))").path
  var now = UnixTime(seconds: 1_800_000_000)
  let source = ScriptedSource()
  let decorator = ScriptedDecorator()
  var isStopping = false
  /// How long it slept, in nanoseconds.
  var slept: [UInt64] = []
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func file(_ bytes: Int64 = 2 << 30) -> StoreFile {
    StoreFile(
      StoreFile.Options(
        path: "\(directory)/store.db", maximumBytes: bytes,
        clock: StoreClock(
          wall: { [unowned self] in now }, sinceBoot: { [unowned self] in now.seconds * 1_000 }, boot: 1)),
      logger: Bench.logger)
  }

  /// One process: what it has open, and what it makes of the settings.
  struct Part {
    let tier: SQLiteDurableTier
    let store: DocumentStore
    let catalog: Catalog
    let shared: MemoryTier?
  }

  /// - Parameters:
  ///   - settings: others make other documents.
  ///   - shared: a tier that holds documents as memcached does; nil: documents are in the file alone.
  func part(_ settings: String = "one", shared: MemoryTier? = nil, bytes: Int64 = 2 << 30) -> Part {
    let file = file(bytes)
    let tier = SQLiteDurableTier(file)
    let sharedTier: any CacheTier = shared ?? SQLiteTier(file)
    let store = DocumentStore(
      shared: sharedTier, memory: MemoryTier(limit: 1 << 20), durable: tier,
      coordination: TierCoordination(shared: sharedTier, namespace: "test"), policy: .init(staleSeconds: 30 * 86_400),
      namespace: "test", settings: [.artist: settings, .artistAlbums: settings, .album: settings],
      logger: Bench.logger, now: { [unowned self] in now })
    let catalog = Catalog(
      source: source, lookup: source, store: store, decorator: decorator, options: Catalog.Options(),
      now: { [unowned self] in now })
    return Part(tier: tier, store: store, catalog: catalog, shared: shared)
  }

  func crawler(
    _ part: Part, kinds: [CacheKey.Kind] = [.artistAlbums, .artist, .album], batch: Int = 10,
    chores: [Crawler.Chore] = []
  ) -> Crawler {
    let jobs = kinds.map { kind in
      Crawler.Job(
        kind, batch: batch, after: kind == .artist ? .artistAlbums : nil
      ) { due, deadline throws(SourceError) in Crawler.Rest(left: try part.catalog.renew(due, by: deadline)) }
    }
    return Crawler(
      part.store, part.tier, jobs: jobs, chores: chores, logger: Bench.logger,
      isStopping: { [unowned self] in isStopping }, wallClock: { [unowned self] in now },
      sleep: { [unowned self] in slept.append($0) })
  }

  /// Crawls until nothing is due.
  @discardableResult
  func crawl(_ part: Part, kinds: [CacheKey.Kind] = [.artistAlbums, .artist, .album], batch: Int = 10) -> Crawler {
    let crawler = crawler(part, kinds: kinds, batch: batch)
    crawler.work(until: .after(milliseconds: 60_000, awaited: false))
    return crawler
  }

  /// So many albums of one artist, in MusicBrainz.
  func fill(_ count: Int) -> [MBID] {
    let artist = MBID(high: 1, low: 1)
    source.artists[artist] = Artist(id: artist, name: "Artist", sortName: "Artist")
    let ids = (0..<count).map { MBID(high: UInt64.max / UInt64(count) * UInt64($0) | 7, low: 2) }
    for (index, id) in ids.enumerated() {
      var album = Album(id: id, title: "Album \(index)", artistID: artist)
      album.artistIDs = [artist]
      source.albums[id] = album
    }
    source.lists[artist] = ids
    return ids
  }

  static let artist = MBID(high: 1, low: 1)
}
