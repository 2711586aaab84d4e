import Core
import Foundation
import Testing

@testable import Cache
@testable import SQLiteStore

/// Leases, counters and marks, which memcached keeps where there is one.
@Suite struct NoteTests {
  let directory = StoreDirectory()

  func coordination(_ change: (inout StoreFile.Options) -> Void = { _ in }) -> TierCoordination {
    TierCoordination(shared: directory.notes(change), namespace: "test")
  }

  @Test func `values live for their lifetime, and replace each other only knowingly`() {
    let (one, two) = (directory.notes(), directory.notes())
    one.set([CacheItem("a", [1], lifetime: 10), CacheItem("b", [], lifetime: 10)])
    #expect(two.get(["a", "b", "c"]) == [[1], [], nil])
    let versions = two.read(["a", "c"]).map(\.version)
    #expect(one.add(CacheItem("a", [2], lifetime: 10)) == .exists)
    one.set([CacheItem("a", [1], lifetime: 10)])
    let outcomes = two.replace([
      ConditionalItem(CacheItem("a", [3], lifetime: 10), replacing: versions[0] ?? .missing),
      ConditionalItem(CacheItem("c", [4], lifetime: 10), replacing: versions[1] ?? .missing),
    ])
    #expect(outcomes == [.overtaken, .stored])
    #expect(one.get(["a", "c"]) == [[1], [4]])
    directory.clock.advance(9)
    #expect(one.get(["a"]) == [[1]])
    directory.clock.advance(1)
    #expect(one.get(["a", "b", "c"]) == [nil, nil, nil])
    #expect(two.add(CacheItem("a", [5], lifetime: 10)) == .added)
    two.delete("a")
    #expect(one.read(["a"]) == [VersionedValue(value: nil, version: .missing)])
  }

  @Test func `a lease is one process's until it is given back or not renewed in time`() throws {
    let (one, two) = (coordination(), coordination())
    guard case .held(let lease) = one.acquire("work", seconds: 3) else { throw Failed() }
    guard case .busy = two.acquire("work", seconds: 3) else { throw Failed() }
    #expect(two.isHeld("work"))
    directory.clock.advance(2)
    #expect(one.renew(lease, seconds: 3))
    directory.clock.advance(2)
    #expect(two.isHeld("work"))
    directory.clock.advance(1)
    guard case .held(let next) = two.acquire("work", seconds: 3) else { throw Failed() }
    #expect(!one.renew(lease, seconds: 3))
    one.release(lease)
    #expect(two.isHeld("work"))
    two.release(next)
    #expect(!one.isHeld("work"))
  }

  @Test func `counters add up over processes and are forgotten when their time is over`() {
    let (one, two) = (coordination(), coordination())
    #expect(one.count("calls", by: 2, seconds: 10) == 2)
    directory.clock.advance(9)
    #expect(two.count("calls", by: 3, seconds: 10) == 5)
    #expect(one.counts(["calls", "others"]) == [5, nil])
    directory.clock.advance(1)
    #expect(two.count("calls", by: 1, seconds: 10) == 1)
    one.forget(["calls"])
    #expect(two.counts(["calls"]) == [nil])
    one.pause("provider", seconds: 5)
    #expect(two.arePaused(["provider", "calls"]) == [true, false])
  }

  @Test(arguments: [-1_000_000_000, -3_600, 3_600, 1_000_000_000] as [Int64])
  func `a wall clock that jumps neither ends nor prolongs a lifetime`(by seconds: Int64) {
    let tier = directory.notes()
    tier.set([CacheItem("lease", [1], lifetime: 10), CacheItem("mark", [2], lifetime: 86_400)])
    directory.clock.wall = directory.clock.wall + seconds
    #expect(directory.notes().get(["lease", "mark"]) == [[1], [2]])
    directory.clock.advance(10)
    #expect(tier.get(["lease", "mark"]) == [nil, [2]])
    directory.clock.advance(86_400)
    #expect(tier.get(["mark"]) == [nil])
  }

  @Test func `leases end with the machine's run, marks live on by the wall clock`() {
    directory.notes().set([CacheItem("lease", [1], lifetime: 600), CacheItem("mark", [2], lifetime: 86_400)])
    directory.clock.boot = 4_712
    directory.clock.sinceBoot = 5
    directory.clock.wall = directory.clock.wall + 60
    #expect(directory.notes().get(["lease", "mark"]) == [nil, [2]])
    directory.clock.wall = directory.clock.wall + 86_400
    #expect(directory.notes().get(["mark"]) == [nil])
    // Set back, the mark would live for longer than it was given.
    directory.clock.wall = directory.clock.wall + -200_000
    #expect(directory.notes().get(["mark"]) == [nil])
  }

  @Test func `a counter that is no number is not counted on`() {
    let tier = directory.notes()
    tier.set([CacheItem("a", [1], lifetime: 10)])
    #expect(tier.increment("a", by: 1, lifetime: 10) == nil)
    #expect(tier.get(["a"]) == [[1]])
    tier.set([CacheItem("b", Array("18446744073709551615".utf8), lifetime: 10)])
    #expect(tier.increment("b", by: 2, lifetime: 10) == 1)
  }

  struct Failed: Error {}
}
