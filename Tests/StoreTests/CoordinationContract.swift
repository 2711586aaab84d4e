import Core
import Testing

@testable import Cache

/// Leases, counters, pauses and breakers, on every tier that processes may agree in.
@Suite struct CoordinationContract {
  /// Two processes.
  private func pair(_ store: TierUnderTest) throws -> (TierCoordination, TierCoordination) {
    func coordination() throws -> TierCoordination {
      TierCoordination(shared: try store.open(), namespace: store.prefix)
    }
    return (try coordination(), try coordination())
  }

  private func held(_ outcome: LeaseOutcome) throws -> Lease {
    guard case .held(let lease) = outcome else { throw NotHeld() }
    return lease
  }

  private func isBusy(_ outcome: LeaseOutcome) -> Bool {
    if case .busy = outcome { true } else { false }
  }

  private struct NotHeld: Error {}

  @Test(arguments: TierKind.available)
  func `a lease is one holder's until it is given back, and only by that one`(kind: TierKind) throws {
    let (one, two) = try pair(kind.make())
    let lease = try held(one.acquire("work", seconds: 30))
    #expect(isBusy(two.acquire("work", seconds: 30)))
    #expect(two.isHeld("work") && one.renew(lease, seconds: 30))
    let stranger = Lease(name: "work", token: Array("another".utf8))
    two.release(stranger)
    #expect(two.isHeld("work") && !two.renew(stranger, seconds: 30))
    one.release(lease)
    #expect(!two.isHeld("work") && !one.renew(lease, seconds: 30))
    _ = try held(two.acquire("work", seconds: 30))
  }

  @Test(arguments: TierKind.available)
  func `a lease that nobody renews is free again, and its holder learns that`(kind: TierKind) throws {
    let store = try kind.make()
    let (one, two) = try pair(store)
    let lost = try held(one.acquire("work", seconds: 2))
    try store.clock.eventually("it runs out") { !two.isHeld("work") }
    let lease = try held(two.acquire("work", seconds: 30))
    #expect(!one.renew(lost, seconds: 30))
    one.release(lost)
    #expect(one.isHeld("work") && two.renew(lease, seconds: 30))
  }

  @Test(arguments: TierKind.available) func `a renewed lease lives on`(kind: TierKind) throws {
    let store = try kind.make()
    let (one, two) = try pair(store)
    let (kept, lost) = (try held(one.acquire("kept", seconds: 2)), try held(one.acquire("lost", seconds: 2)))
    _ = lost
    #expect(one.renew(kept, seconds: 60))
    try store.clock.eventually("the other runs out") { !two.isHeld("lost") }
    #expect(two.isHeld("kept"))
  }

  @Test(arguments: TierKind.shared) func `of many processes one gets the lease`(kind: TierKind) throws {
    nonisolated(unsafe) let store = try kind.make()
    let outcomes = try inParallel(8) { _ in
      let coordination = TierCoordination(shared: try store.open(), namespace: store.prefix)
      if case .held = coordination.acquire("race", seconds: 30) { return 1 }
      return 0
    }
    #expect(outcomes.reduce(0, +) == 1)
  }

  @Test(arguments: TierKind.available) func `counters are seen by all and forgotten by all`(kind: TierKind) throws {
    let store = try kind.make()
    let (one, two) = try pair(store)
    #expect(one.count("requests", by: 2, seconds: 60) == 2)
    #expect(two.count("requests", by: 9, seconds: 60) == 11)
    #expect(two.counts(["requests", "nothing"]) == [11, nil])
    // memcached pads a number that has become shorter. (It takes one beyond 2^63 for none if a minus sign happens to lie
    // behind it in its memory, so wrapping a counter around does not show that.)
    try store.open().set([CacheItem("\(CacheKey.safe(store.prefix)):padded", Array("7   ".utf8), lifetime: 60)])
    #expect(two.counts(["padded"]) == [7])
    two.forget(["requests", "padded"])
    #expect(one.counts(["requests", "padded"]) == [nil, nil])
  }

  @Test(arguments: TierKind.available) func `a pause holds for all, and ends`(kind: TierKind) throws {
    let store = try kind.make()
    let (one, two) = try pair(store)
    one.pause("short", seconds: 2)
    one.pause("long", seconds: 60)
    #expect(two.arePaused(["short", "long", "other"]) == [true, true, false])
    try store.clock.eventually("it ends") { two.arePaused(["short"]) == [false] }
    #expect(two.arePaused(["long"]) == [true])
  }

  @Test(arguments: TierKind.available)
  func `a breaker closes for all, and one finds out that it works again`(kind: TierKind) throws {
    let store = try kind.make()
    let (first, second) = try pair(store)
    let policy = Breaker.Policy(tolerated: 4, failureSeconds: 60, shortestPause: 2, longestPause: 8)
    var (one, two) = (Breaker(first, policy: policy), Breaker(second, policy: policy))
    one.failed("server", points: 2)
    #expect(two.verdicts(on: ["server"], isAwaited: true) == ["server": .open])
    two.failed("server", points: 2)
    #expect(one.verdicts(on: ["server"], isAwaited: true) == ["server": .closed(isWorthProbing: false)])
    try store.clock.eventually("the pause ends") {
      one.verdicts(on: ["server"], isAwaited: true) == ["server": .closed(isWorthProbing: true)]
    }
    #expect(one.verdicts(on: ["server"], isAwaited: false) == ["server": .probing])
    #expect(two.verdicts(on: ["server"], isAwaited: false) == ["server": .closed(isWorthProbing: false)])
    one.succeeded("server")
    #expect(two.verdicts(on: ["server"], isAwaited: false) == ["server": .open])
  }
}
