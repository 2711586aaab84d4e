import Core
import Documents
import Metadata
import Testing

@testable import Cache
@testable import Freshness

/// Changed pictures of providers, and gaps.
@Suite struct PictureTests {
  let world = World()
  let kind = CacheKey.Kind("test-pictures", parts: 1...1).with { $0.isSource = true }
  let artist = World.album(100)

  final class Feed: PictureFeed {
    let name = "test"
    let kind: CacheKey.Kind
    var artists: Set<MBID> = []
    var fails = false
    var asked: [String?] = []

    init(_ kind: CacheKey.Kind) { self.kind = kind }

    func changes(
      after position: String?, by deadline: Deadline
    ) throws(SourceError) -> (artists: Set<MBID>, position: String) {
      asked.append(position)
      if fails { throw SourceError(.unavailable, "away") }
      return (position == nil ? [] : artists, "\(asked.count)")
    }
  }

  @Test func `whose pictures changed is computed anew, from what the provider says then`() throws {
    let store = world.store()
    let (answer, document) = (CacheKey(kind, artist), CacheKey(.artist, artist))
    world.truth = [answer: "old picture", document: "old"]
    #expect(try world.answer(answer) == "old picture")
    #expect(try world.answer(document) == "old")
    let feed = Feed(kind)
    try world.run(world.invalidator(pictures: [feed]))
    #expect(feed.asked == [nil, "1"], "the first time it tells where to begin")
    feed.artists = [artist]
    world.clock.time = world.clock.time + 4_000
    let run = try world.run(world.invalidator(pictures: [feed]))
    #expect(run.changes.artists == [artist] && run.failures.isEmpty)
    #expect(feed.asked.last == "2")
    // What it said is kept until it says something else.
    let kept = try #require(store.cached([answer])[0])
    #expect(kept.isStale(at: world.clock.time) && kept.state == .present)
    world.truth[document] = "new"
    #expect(try world.answer(document) == "new")
  }

  @Test func `a provider is asked once an hour, and one that fails keeps nobody from the rest`() throws {
    let feed = Feed(kind)
    feed.fails = true
    world.change([World.album(1)], to: "new")
    let invalidator = world.invalidator(pictures: [feed])
    #expect(try world.run(invalidator).failures["test"] != nil)
    #expect(world.purging.purged.count == 1)
    _ = try world.run(invalidator)
    #expect(feed.asked.count == 1, "not again at once")
    feed.fails = false
    world.clock.time = world.clock.time + 601
    #expect(try world.run(invalidator).failures.isEmpty)
    let asked = feed.asked.count
    world.clock.time = world.clock.time + 1_800
    try world.run(invalidator)
    #expect(feed.asked.count == asked)
    world.clock.time = world.clock.time + 1_801
    try world.run(invalidator)
    #expect(feed.asked.count > asked)
  }

  @Test func `after a gap lists may lack something until all has been compared, and once more after that`() throws {
    try world.run()
    let store = world.store()
    let state = FreshnessState(store)
    let before = world.clock.time
    #expect(!state.mayLack(since: before + -100, behindBy: 0, at: world.clock.time))
    world.change([World.album(1)], to: "new")
    world.source.gaps = [0]
    let run = try world.run()
    #expect(run.hasGap)
    #expect(try Gaps(store).last() == .open(world.clock.time))
    #expect(state.mayLack(since: world.clock.time, behindBy: 0, at: world.clock.time))
    let opened = world.clock.time
    world.clock.time = world.clock.time + 100
    #expect(try !Gaps(store).close(opened + 1, at: world.clock.time))
    #expect(try Gaps(store).close(opened, at: world.clock.time))
    #expect(state.mayLack(since: before, behindBy: 0, at: world.clock.time), "who has not asked since")
    #expect(!state.mayLack(since: world.clock.time + 1, behindBy: 0, at: world.clock.time + 2))
  }

  @Test func `before the first run there is nothing in which a gap could be`() throws {
    world.change([World.album(1)], to: "new")
    world.source.gaps = [0]
    #expect(try world.run().count == 1)
    #expect(try Gaps(world.store()).last() == nil)
  }

  @Test func `a list may lack something while invalidation is farther behind than it may be`() throws {
    let state = FreshnessState(world.store())
    #expect(!state.mayLack(since: world.clock.time, behindBy: 60, at: world.clock.time), "nothing was ever invalidated")
    try world.run()
    #expect(state.complete == world.clock.time)
    #expect(!state.mayLack(since: world.clock.time, behindBy: 60, at: world.clock.time + 60))
    #expect(state.mayLack(since: world.clock.time, behindBy: 60, at: world.clock.time + 61))
    #expect(!state.mayLack(since: world.clock.time, behindBy: 0, at: world.clock.time + 1_000_000))
    // While a cache has not heard of everything, it is not complete.
    world.shared?.isThere = false
    world.clock.time = world.clock.time + 1_000
    try world.run()
    #expect(state.complete == world.clock.time + -1_000)
    world.shared?.isThere = true
    try world.run()
    #expect(state.complete == world.clock.time)
  }
}
