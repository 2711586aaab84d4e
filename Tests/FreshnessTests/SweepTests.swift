import Cache
import Core
import Documents
import Freshness
import SQLiteStore
import Metadata
import Testing

@Suite struct SweepTests {
  let bench = Bench()

  func sweep(_ part: Bench.Part, days: Int = 7) -> Sweep {
    let pieces = Catalog.comparableKinds.map { kind in
      Sweep.Piece(kind, shown: { Catalog.shown(by: kind, $0) }) { rows, deadline throws(SourceError) in
        try part.catalog.differences(kind, rows, by: deadline)
      }
    }
    return Sweep(part.store, part.tier, pieces: pieces, days: days, now: { bench.now })
  }

  var deadline: Deadline { .after(milliseconds: 60_000, awaited: false) }

  /// As far as it is to be by now.
  func run(_ sweep: Sweep) throws {
    while try sweep.step(by: deadline) {}
  }

  /// One that begins now, seven days later.
  func finish(_ sweep: Sweep) throws {
    try run(sweep)
    bench.now = bench.now + (7 * 86_400 - 1)
    try run(sweep)
  }

  /// Has an artist and its albums in the store.
  func warm(_ part: Bench.Part, _ count: Int) throws -> [MBID] {
    let ids = bench.fill(count)
    try part.tier.insert(ids, of: .album)
    try part.tier.insert([Bench.artist], of: .artistAlbums)
    bench.crawl(part, batch: 100)
    return ids
  }

  func revoked(_ part: Bench.Part, _ keys: [CacheKey]) throws -> [CacheKey] {
    zip(keys, try part.tier.get(keys)).filter { $1?.isRevoked ?? false }.map(\.0)
  }

  @Test func `what differs or is gone is revoked as changed, all else stays as it is`() throws {
    let part = bench.part()
    let ids = try warm(part, 250)
    let sweep = sweep(part)
    bench.source.albums[ids[120]]?.title = "Another"
    bench.source.albums[ids[130]] = nil
    bench.source.merged[ids[140]] = ids[141]
    try finish(sweep)
    #expect(sweep.compared == 252)
    // The list of the artist shows the title and lacks the one that is gone.
    #expect(sweep.different == 4)
    let told = try part.tier.changed([.album], since: bench.now + -86_400, limit: 9).map(\.id)
    #expect(Set(told) == [ids[120], ids[130], ids[140]])
    #expect(try part.tier.changed([.artist], since: bench.now + -86_400, limit: 9).isEmpty)
    let keys = ids.map { CacheKey(.album, $0) }
    #expect(Set(try revoked(part, keys).map(\.id)) == Set(told))
    bench.crawl(part)
    #expect(try part.tier.get([keys[120]])[0]?.isRevoked == false)
    #expect(try part.tier.scan(.sourceAlbum, after: nil, limit: 999).count == 248)
  }

  @Test func `a source that cannot answer moves nothing on`() throws {
    let part = bench.part()
    let ids = try warm(part, 5)
    bench.now = bench.now + 86_400
    bench.source.error = SourceError(.empty, "table album holds no data")
    let sweep = sweep(part)
    #expect(throws: SourceError.self) { try sweep.step(by: deadline) }
    #expect(try revoked(part, ids.map { CacheKey(.album, $0) }).isEmpty)
    bench.source.error = nil
    bench.source.albums[ids[0]]?.title = "Another"
    try finish(self.sweep(part))
    #expect(try revoked(part, ids.map { CacheKey(.album, $0) }).map(\.id) == [ids[0]])
  }

  @Test func `it is through in so many days, whoever goes on with it`() throws {
    let part = bench.part()
    _ = try warm(part, 2_000)
    try run(sweep(part))
    let began = bench.now
    bench.now = began + 86_400 * 7 / 2
    let middle = sweep(part)
    try run(middle)
    let progress = try #require(try middle.progress())
    #expect((0.45...0.6).contains(progress.fraction), "\(progress)")
    #expect(progress.began == began && progress.until == began + 7 * 86_400)
    #expect((800...1_400).contains(middle.compared), "\(middle.compared)")
    bench.now = began + (7 * 86_400 - 1)
    let last = sweep(bench.part())
    try run(last)
    #expect((1_800...2_400).contains(middle.compared + last.compared))
  }

  @Test func `after a gap it begins anew, as fast as it can, and once`() throws {
    let part = bench.part()
    _ = try warm(part, 300)
    let never = sweep(part, days: 0)
    #expect(try !never.step(by: deadline))
    #expect(try never.progress() == nil)
    try Sweep.restart(part.tier, of: Catalog.comparableKinds, now: bench.now)
    #expect(try never.progress()?.until == nil && never.progress()?.fraction == 0)
    try run(never)
    #expect(never.compared == 302)
    #expect(try never.progress() == nil)
    try run(never)
    #expect(never.compared == 302)
  }

  @Test func `a bookmark that nobody can read is begun anew`() throws {
    let part = bench.part()
    _ = try warm(part, 3)
    try part.tier.revoke([], because: .changed, moving: [BookmarkMove("sweep-mb-album", from: nil, to: "what?")])
    let sweep = sweep(part)
    try finish(sweep)
    #expect(sweep.compared == 5)
  }

  @Test func `Spotify ids follow MusicBrainz' links`() throws {
    let part = bench.part()
    let spotify = SpotifyDirectory(
      links: bench.source, matcher: NoMatcher(), spotify: nil, store: part.store, options: .init(),
      now: { bench.now })
    let ids = (0..<3).compactMap { SpotifyID("id\($0)") }
    try spotify.keep(ids.map { SpotifyLink(id: $0, kind: .artist, target: Bench.artist) })
    part.store.catchUp()
    let other = MBID(high: 5, low: 5)
    bench.source.links = [
      SpotifyLink(id: ids[0], kind: .artist, target: Bench.artist),
      SpotifyLink(id: ids[1], kind: .artist, target: other),
    ]
    let rows = try part.tier.scan(.spotifyArtist, after: nil, limit: 9)
    #expect(rows.count == 3)
    let documents = rows.compactMap { row in row.document.map { (key: CacheKey(.spotifyArtist, row.id), document: $0) }
    }
    let different = try spotify.differences(documents, by: deadline)
    #expect(different.count == 1, "what has no link may have been found by its name")
    bench.now = bench.now + (30 * 86_400 + 1)
    var question = DueQuestion(.spotifyArtist, before: bench.now, limit: 9)
    question.wantsDocuments = true
    let due = try part.tier.claimDue(question, seconds: 60)
    #expect(due.count == 3)
    #expect(try spotify.renew(due, by: deadline).isEmpty)
    part.store.catchUp()
    #expect(
      spotify.know(ids, by: deadline) == [ids[0]: .known(Bench.artist), ids[1]: .known(other)])
  }

  final class NoMatcher: Matcher {
    func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
      names.map { _ in nil }
    }
    func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
      names.map { _ in nil }
    }
  }
}
