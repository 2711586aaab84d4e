import Core
import Documents
import Freshness
import Glibc
import SQLiteStore
import Testing

@testable import Cache
@testable import Metadata

/// What is due is made anew, by one of many, and nothing is worse for it.
@Suite struct CrawlerTests {
  let bench = Bench()

  func albums(_ part: Bench.Part, _ ids: [MBID]) throws -> [Document?] {
    try part.tier.get(ids.map { CacheKey(.album, $0) })
  }

  /// Has these in the store, fresh.
  func warm(_ part: Bench.Part, _ ids: [MBID]) throws {
    try part.tier.insert(ids, of: .album)
    bench.crawl(part)
    try #require(try albums(part, ids).allSatisfy { $0?.state == .present })
  }

  @Test(arguments: [false, true])
  func `ids become documents, and what goes stale within the hour is made anew with many others`(
    isShared: Bool
  ) throws {
    let part = bench.part(shared: isShared ? MemoryTier(limit: 1 << 22) : nil)
    let ids = bench.fill(25)
    try part.tier.insert(ids, of: .album)
    try part.tier.insert([Bench.artist], of: .artistAlbums)
    let first = bench.crawl(part)
    #expect(first.progress["album"]?.done == 25)
    #expect(try albums(part, ids).allSatisfy { $0?.state == .present })
    #expect(try part.tier.get([CacheKey(.artist, Bench.artist), CacheKey(.artistAlbums, Bench.artist)]).count == 2)
    #expect(bench.source.batches.filter { $0.count > 1 }.map(\.count).sorted() == [5, 10, 10])
    #expect(bench.crawl(part).progress.isEmpty, "nothing is due twice")
    bench.now = bench.now + 30 * 86_400 + -3_700
    #expect(bench.crawl(part).progress.isEmpty)
    bench.now = bench.now + 200
    #expect(bench.crawl(part).progress["album"]?.done == 25)
    #expect(try part.tier.changed([.album], since: UnixTime(seconds: 1), limit: 100).isEmpty, "nothing changed")
    #expect(try albums(part, ids).allSatisfy { $0?.isStale(at: bench.now + 86_400) == false })
  }

  @Test func `only what changed is told as changed`() throws {
    let part = bench.part()
    let ids = bench.fill(3)
    try warm(part, ids)
    bench.now = bench.now + 30 * 86_400
    bench.source.albums[ids[1]]?.title = "Another"
    bench.crawl(part)
    #expect(try part.tier.changed([.album], since: UnixTime(seconds: 1), limit: 100).map(\.id) == [ids[1]])
  }

  @Test func `other settings make everything due, and MusicBrainz is asked for nothing`() throws {
    let ids = bench.fill(12)
    try warm(bench.part(), ids)
    let asked = bench.source.batches.count
    let other = bench.part("two")
    #expect(bench.crawl(other).progress.isEmpty, "servers of different settings do not undo each other's work at once")
    bench.now = bench.now + Crawler.claimSeconds
    #expect(bench.crawl(other).progress["album"]?.done == 12)
    #expect(bench.source.batches.count == asked)
    #expect(bench.crawl(other).progress.isEmpty)
  }

  @Test(arguments: [false, true])
  func `only what MusicBrainz says is gone goes, and what it has merged moves`(isShared: Bool) throws {
    let part = bench.part(shared: isShared ? MemoryTier(limit: 1 << 22) : nil)
    let ids = bench.fill(4)
    try warm(part, ids)
    try part.tier.revoke(ids.flatMap { [CacheKey(.album, $0), CacheKey(.sourceAlbum, $0)] })
    // An empty table, a dead server: nobody has said that anything is gone.
    bench.source.albums = [:]
    for code in [SourceError.Code.empty, .unavailable, .timedOut, .notSetUp] {
      bench.source.error = SourceError(code, "no answer")
      bench.crawl(part)
      #expect(try albums(part, ids).allSatisfy { $0?.state == .present })
    }
    bench.source.error = nil
    _ = bench.fill(4)
    bench.source.albums[ids[0]] = nil
    bench.source.albums[ids[1]] = nil
    bench.source.merged[ids[1]] = ids[2]
    #expect(bench.crawl(part).progress["album"]?.done == 4, "what could not be asked was given back")
    let found = try albums(part, ids)
    #expect(found[0]?.state ?? .absent == .absent)
    #expect(found[1] == nil || found[1]?.state == .moved(to: ids[2]))
    #expect(found[2]?.state == .present && found[3]?.state == .present)
    #expect(try part.tier.scan(.sourceAlbum, after: nil, limit: 10).map(\.id) == Array(ids[2...]))
    #expect(bench.crawl(part).progress.isEmpty, "what is gone is never due")
  }

  @Test func `a provider that is down makes nothing worse, and what was revoked is made all the same`() throws {
    let part = bench.part()
    let ids = bench.fill(3)
    try warm(part, ids)
    bench.now = bench.now + 30 * 86_400 + -1_000
    let before = try albums(part, ids).map { $0?.expires }
    try part.tier.revoke([CacheKey(.album, ids[1])])
    bench.decorator.isDown = true
    bench.decorator.overview = ""
    let crawler = bench.crawl(part)
    #expect(crawler.progress["album"]?.left == 2)
    #expect(crawler.progress["album"]?.done == 1, "for half an hour, and then again after its claim")
    let after = try albums(part, ids)
    #expect(after[0]?.expires == before[0] && after[2]?.expires == before[2])
    #expect(after[1]?.expires == bench.now + 1_800)
    #expect(bench.crawl(part).progress.isEmpty, "they are left alone for a while")
    bench.decorator.isDown = false
    bench.now = bench.now + Crawler.claimSeconds
    #expect(bench.crawl(part).progress["album"]?.done == 3)
  }

  @Test func `one that cannot be made keeps no other from being made`() throws {
    let part = bench.part()
    let ids = bench.fill(20)
    bench.source.bad = [ids[13]]
    try part.tier.insert(ids, of: .album)
    let crawler = bench.crawl(part, batch: 20)
    #expect(crawler.progress["album"]?.done == 19)
    #expect(crawler.progress["album"]?.failed == 1)
    #expect(try albums(part, ids).filter { $0 == nil }.count == 1)
    #expect(bench.crawl(part).progress.isEmpty, "no busy loop")
  }

  @Test func `a server that answers nothing is not asked for one after the other`() throws {
    let part = bench.part()
    try part.tier.insert(bench.fill(200), of: .album)
    bench.source.error = SourceError(.failed, "nonsense")
    bench.crawl(part, batch: 100)
    #expect(bench.source.batches.count <= 20)
  }

  @Test func `what is stopped in the middle of a batch is given back, and nothing of it is kept`() throws {
    let part = bench.part()
    let ids = bench.fill(20)
    try part.tier.insert(ids, of: .album)
    bench.source.during = { [bench] in
      // Looked at every 50 ms.
      usleep(60_000)
      bench.isStopping = true
    }
    bench.crawl(part)
    #expect(try albums(part, ids).allSatisfy { $0 == nil })
    bench.isStopping = false
    bench.source.during = {}
    #expect(bench.crawl(bench.part()).progress["album"]?.done == 20, "no claim is left")
  }

  @Test(arguments: [false, true])
  func `what is revoked meanwhile wins, and is made again`(isShared: Bool) throws {
    let part = bench.part(shared: isShared ? MemoryTier(limit: 1 << 22) : nil)
    let ids = bench.fill(2)
    try warm(part, ids)
    bench.now = bench.now + 30 * 86_400
    let other = bench.part(shared: part.shared)
    var isFirst = true
    bench.source.during = { [bench] in
      guard isFirst else { return }
      isFirst = false
      other.store.revoke([CacheKey(.album, ids[0]), CacheKey(.sourceAlbum, ids[0])])
      // MusicBrainz' answer is from before.
      bench.source.during = { bench.source.albums[ids[0]]?.title = "New" }
    }
    let old = bench.source.albums
    bench.crawl(part)
    #expect(bench.source.batches.suffix(2).map(\.count) == [2, 1], "\(bench.source.batches)")
    #expect(old[ids[0]]?.title != "New")
    #expect(try part.tier.changed([.album], since: UnixTime(seconds: 1), limit: 9).map(\.id) == [ids[0]])
  }

  @Test func `the shared cache gets what it had, and nothing that nobody asked for`() throws {
    let shared = MemoryTier(limit: 1 << 22)
    let part = bench.part(shared: shared)
    let ids = bench.fill(2)
    _ = try part.catalog.album(ids[0], by: .after(milliseconds: 1_000, awaited: false))
    part.store.catchUp()
    try part.tier.insert(ids, of: .album)
    bench.crawl(part)
    let names = ids.map { CacheKey(.album, $0).text(prefix: "test:d:") }
    #expect(shared.get(names).map { $0 != nil } == [true, false])
    bench.source.albums[ids[0]]?.title = "Another"
    part.store.revoke([CacheKey(.album, ids[0]), CacheKey(.sourceAlbum, ids[0])])
    bench.crawl(part)
    let document = try #require(shared.get(names)[0].flatMap { Document(encoded: $0) })
    #expect(!document.isRevoked)
    #expect(document.fingerprint == (try albums(part, ids)[0]?.fingerprint))
  }

  @Test func `while somebody waits it does little`() throws {
    let part = bench.part()
    try part.tier.insert(bench.fill(30), of: .album)
    part.store.saySomebodyWaits()
    bench.crawl(part, batch: 20)
    #expect(bench.source.batches.filter { $0 != [Bench.artist] }.map(\.count).max() == 2)
    #expect(bench.slept.count >= 15)
    #expect(try part.tier.due(.album, before: bench.now, limit: 99).isEmpty, "it gets through all the same")
  }

  @Test func `two at once do nothing twice`() throws {
    let ids = bench.fill(40)
    let (one, two) = (bench.part(), bench.part())
    try one.tier.insert(ids, of: .album)
    var other: Crawler?
    bench.source.during = { [bench] in
      bench.source.during = {}
      other = bench.crawl(two)
    }
    let crawler = bench.crawl(one)
    let counts = [crawler, other].map { $0?.progress["album"]?.done ?? 0 }
    #expect(counts.reduce(0, +) == 40 && counts.allSatisfy { $0 > 0 })
    #expect(Set(bench.source.batches.flatMap(\.self)).count == bench.source.batches.flatMap(\.self).count)
  }

  @Test func `kinds share the time, and chores are done beside them`() throws {
    let part = bench.part()
    try part.tier.insert(bench.fill(30), of: .album)
    var steps = 0
    let chore = Crawler.Chore { _ throws(SourceError) in
      steps += 1
      return steps < 3
    }
    let failing = Crawler.Chore { _ throws(SourceError) in throw SourceError(.failed, "it fails") }
    let crawler = bench.crawler(part, chores: [chore, failing])
    crawler.work(until: .after(milliseconds: 60_000, awaited: false))
    #expect(steps == 3)
    #expect(crawler.progress["album"]?.done == 30)
  }

  @Test func `what is refused for the limit's sake is asked for in the next window`() throws {
    let part = bench.part()
    try part.tier.insert(bench.fill(30), of: .album)
    var allowed = 5
    var job = Crawler.Job(.album, batch: 10) { due, deadline throws(SourceError) in
      let (now, later) = (Array(due.prefix(allowed)), Array(due.dropFirst(allowed)))
      allowed -= now.count
      return Crawler.Rest(left: try part.catalog.renew(now, by: deadline), refused: later)
    }
    job.windowSeconds = 7
    let monotonic = Ticks()
    let crawler = Crawler(
      part.store, part.tier, jobs: [job], logger: Bench.logger, isStopping: { false },
      wallClock: { [bench] in bench.now }, now: { monotonic.time }
    ) { nanoseconds in
      monotonic.time += nanoseconds
      allowed = 5
    }
    crawler.work(until: .after(milliseconds: 60_000, awaited: false))
    #expect(crawler.progress["album"]?.done == 30)
    #expect(monotonic.time >= 5 * 7_000_000_000)
  }

  final class Ticks {
    var time: UInt64 = 1
  }
}
