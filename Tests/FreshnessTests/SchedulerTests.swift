import Cache
import Core
import Documents
import Freshness
import SQLiteStore
import Metadata
import Testing

/// With the web service: what was asked for lately is kept fresh, and only that.
@Suite struct SchedulerTests {
  let bench = Bench()

  @Test func `what was asked for lately goes through the queue, a few at a time and behind people`() throws {
    let part = bench.part()
    let ids = bench.fill(130)
    let deadline = Deadline.after(milliseconds: 60_000, awaited: false)
    for id in ids[..<80] { _ = try part.catalog.album(id, by: deadline) }
    part.store.catchUp()
    // Nobody has asked for these.
    try part.tier.insert(Array(ids[80...]), of: .album)
    bench.crawl(part, kinds: [.album])
    let queue = MemoryBuildQueue(now: { bench.now })
    let builder = Builder(
      queue, catalog: part.catalog, store: part.store,
      coordination: TierCoordination(shared: nil, namespace: "test"), canBuild: { true }, logger: Bench.logger)
    let scheduler = Scheduler(
      queue, builder, part.store, part.tier, lateSeconds: 60 * 86_400, now: { bench.now })
    #expect(try !scheduler.step(by: deadline))
    #expect(scheduler.built == 0)
    bench.now = bench.now + 30 * 86_400 + -60
    let asked = bench.source.batches.count
    var waiting: [Int] = []
    bench.source.during = { waiting.append((try? queue.progress())?.waiting ?? 0) }
    while try scheduler.step(by: deadline) || scheduler.built < 80 {
      guard scheduler.built > 0 else { break }
    }
    #expect(scheduler.built >= 80 && scheduler.failed == 0)
    #expect(bench.source.batches.count > asked)
    #expect(waiting.allSatisfy { $0 <= 50 })
    let found = try part.tier.get(ids.map { CacheKey(.album, $0) })
    #expect(found[..<80].allSatisfy { $0?.isStale(at: bench.now + 86_400) == false })
    #expect(found[80...].allSatisfy { $0?.isStale(at: bench.now + 86_400) == true })
    bench.now = bench.now + 100 * 86_400
    let before = scheduler.built
    _ = try scheduler.step(by: deadline)
    #expect(scheduler.built == before, "what nobody has asked for in two months is not kept fresh for them")
  }

  @Test func `a build that fails is tried later, and nothing is lost`() throws {
    let part = bench.part()
    let ids = bench.fill(3)
    let deadline = Deadline.after(milliseconds: 60_000, awaited: false)
    for id in ids { _ = try part.catalog.album(id, by: deadline) }
    part.store.catchUp()
    bench.now = bench.now + 30 * 86_400
    let queue = MemoryBuildQueue(now: { bench.now })
    let builder = Builder(
      queue, catalog: part.catalog, store: part.store,
      coordination: TierCoordination(shared: nil, namespace: "test"), canBuild: { true }, logger: Bench.logger)
    let scheduler = Scheduler(queue, builder, part.store, part.tier, lateSeconds: 60 * 86_400, now: { bench.now })
    bench.source.bad = [ids[0]]
    _ = try scheduler.step(by: deadline)
    #expect(scheduler.failed == 1)
    #expect(try queue.progress().waiting == 1)
    #expect(try part.tier.get([CacheKey(.album, ids[0])])[0]?.state == .present)
  }
}
