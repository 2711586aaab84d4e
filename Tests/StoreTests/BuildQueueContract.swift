import Core
import Metadata
import Testing

@testable import Cache

/// What every queue of builds promises.
@Suite struct BuildQueueContract {
  let kinds: [CacheKey.Kind] = [.artist, .album]

  func key(_ number: UInt64, _ kind: CacheKey.Kind = .album) -> CacheKey { CacheKey(kind, MBID(high: 1, low: number)) }
  func keys(_ numbers: Range<UInt64>) -> [CacheKey] { numbers.map { key($0) } }

  /// The one build that is next.
  func claim(_ queue: any BuildQueue, seconds: Int64 = 60) throws -> QueuedBuild {
    try #require(try queue.claim(1, of: kinds, seconds: seconds).first)
  }

  @Test(arguments: QueueKind.available)
  func `first come what people asked for, then what was found, then what is due, each as it was added`(
    kind: QueueKind
  ) throws {
    let store = try kind.make()
    let queue = try store.open()
    #expect(try queue.add([key(1), key(2)], .scheduled, client: nil) == [.waiting(place: 1), .waiting(place: 2)])
    #expect(try queue.add([key(3), key(4)], .found, client: 7) == [.waiting(place: 1), .waiting(place: 2)])
    #expect(try queue.add([key(5, .artist)], .asked, client: 7) == [.waiting(place: 1)])
    #expect(try queue.add([key(6)], .asked, client: 8) == [.waiting(place: 2)])
    let order = [key(5, .artist), key(6), key(3), key(4), key(1), key(2)]
    #expect(try store.open().places(of: order + [key(9)]) == [1, 2, 3, 4, 5, 6, nil])
    let builds = try store.open().claim(10, of: kinds, seconds: 60)
    #expect(builds.map(\.key) == order)
    #expect(builds.map(\.reason) == [.asked, .asked, .found, .found, .scheduled, .scheduled])
    #expect(builds.allSatisfy { $0.attempts == 1 && abs($0.added - store.clock.now) < 60 })
    #expect(Set(builds.map(\.lease)).count == 6)
    #expect(try queue.claim(10, of: kinds, seconds: 60).isEmpty)
  }

  @Test(arguments: QueueKind.available)
  func `adding again changes nothing, unless the reason is better`(kind: QueueKind) throws {
    let queue = try kind.make().open()
    _ = try queue.add([key(1), key(2), key(2), key(3)], .found, client: 7)
    #expect(try queue.progress().waiting == 3)
    #expect(try queue.add([key(2)], .scheduled, client: nil) == [.waiting(place: 2)])
    #expect(try queue.add([key(2)], .found, client: 8) == [.waiting(place: 2)])
    _ = try queue.add([key(4)], .asked, client: 8)
    // Behind those who asked before.
    #expect(try queue.add([key(3)], .asked, client: 8) == [.waiting(place: 2)])
    #expect(try queue.claim(9, of: kinds, seconds: 60).map(\.key) == [key(4), key(3), key(1), key(2)])
    #expect(try queue.add([], .asked, client: 8).isEmpty && queue.places(of: []).isEmpty)
  }

  @Test(arguments: QueueKind.available)
  func `one client may have a tenth of it, and what nobody asked for leaves a tenth to people`(kind: QueueKind) throws {
    let queue = try kind.make().open()
    let mine = try queue.add(keys(0..<11), .asked, client: 7)
    #expect(mine == (1...10).map { .waiting(place: $0) } + [.clientHasEnough])
    #expect(try queue.add([key(0), key(11)], .asked, client: 7) == [.waiting(place: 1), .clientHasEnough])
    // With the highest bit set a hash is a negative number in a database.
    #expect(try queue.add([key(11)], .asked, client: .max) == [.waiting(place: 11)])
    #expect(try queue.add([key(12)], .found, client: 0) == [.waiting(place: 12)])
    let due = try queue.add(keys(100..<200), .scheduled, client: nil)
    #expect(due.filter { $0 == .full }.count == 22 && due[77] == .waiting(place: 90) && due[78] == .full)
    #expect(try queue.add([key(300)], .found, client: 9) == [.full])
    let last = try queue.add(keys(400..<410) + [key(100)], .asked, client: 10)
    #expect(last == (12...21).map { .waiting(place: $0) } + [.waiting(place: 23)])
    #expect(try queue.add([key(500)], .asked, client: 11) == [.full])
    #expect(try queue.progress().waiting == 100)
    // Room is made by what is done.
    try queue.finish([claim(queue)])
    #expect(try queue.add([key(500)], .asked, client: 11) == [.waiting(place: 21)])
  }

  @Test(arguments: QueueKind.available)
  func `a claim is one holder's until the lease runs out, and only that one finishes it`(kind: QueueKind) throws {
    let store = try kind.make()
    let (one, two) = (try store.open(), try store.open())
    _ = try one.add([key(1)], .asked, client: 7)
    let lost = try claim(one, seconds: 1)
    #expect(try two.claim(1, of: kinds, seconds: 60).isEmpty)
    #expect(try two.places(of: [key(1)]) == [1])
    // As after kill -9.
    var again: [QueuedBuild] = []
    try store.clock.eventually("the lease runs out") {
      again = try two.claim(1, of: kinds, seconds: 60)
      return !again.isEmpty
    }
    #expect(again[0].key == key(1) && again[0].attempts == 2 && again[0].lease != lost.lease)
    #expect(try one.renew([lost], seconds: 60) == [false])
    try one.finish([lost])
    try one.fail([lost], pausing: 0)
    try one.giveBack([lost])
    #expect(try one.claim(1, of: kinds, seconds: 60).isEmpty)
    try two.finish(again)
    #expect(try one.places(of: [key(1)]) == [nil])
    // What is added again is another build.
    _ = try one.add([key(1)], .asked, client: 7)
    try two.finish(again)
    #expect(try one.places(of: [key(1)]) == [1])
  }

  @Test(arguments: QueueKind.available) func `a renewed lease lives on`(kind: QueueKind) throws {
    let store = try kind.make()
    let queue = try store.open()
    _ = try queue.add([key(1), key(2)], .asked, client: 7)
    let builds = try queue.claim(2, of: kinds, seconds: 1)
    #expect(try queue.renew([builds[0]], seconds: 60) == [true])
    var next: [QueuedBuild] = []
    try store.clock.eventually("the other runs out") {
      next = try store.open().claim(2, of: kinds, seconds: 60)
      return !next.isEmpty
    }
    #expect(next.map(\.key) == [key(2)])
    #expect(try queue.renew(builds, seconds: 60) == [true, false])
  }

  @Test(arguments: QueueKind.available)
  func `what fails waits, longer than was asked for or not, and is not lost`(kind: QueueKind) throws {
    let store = try kind.make()
    let queue = try store.open()
    _ = try queue.add([key(1), key(2), key(3)], .asked, client: 7)
    let builds = try queue.claim(2, of: kinds, seconds: 60)
    try queue.fail([builds[0]], pausing: 0)
    try queue.fail([builds[1]], pausing: 3600)
    // Neither counts for those behind.
    #expect(try queue.places(of: [key(3)]) == [1])
    #expect(try claim(queue).key == key(3))
    var next: [QueuedBuild] = []
    try store.clock.eventually("the pause ends") {
      next = try queue.claim(9, of: kinds, seconds: 60)
      return !next.isEmpty
    }
    #expect(next.map(\.key) == [key(1)] && next[0].attempts == 2)
    // Asking again does not shorten the pause.
    #expect(try queue.add([key(2)], .asked, client: 8) == [.waiting(place: 2)])
    #expect(try queue.claim(9, of: kinds, seconds: 60).isEmpty)
    #expect(try queue.progress().waiting == 3)
  }

  @Test(arguments: QueueKind.available)
  func `what has failed too often is at the end, until a person asks again`(kind: QueueKind) throws {
    let store = try kind.make()
    let queue = try store.open()
    _ = try queue.add([key(1)], .asked, client: 7)
    for attempt in 1...3 {
      var builds: [QueuedBuild] = []
      try store.clock.eventually("attempt \(attempt)") {
        builds = try queue.claim(1, of: kinds, seconds: 60)
        return !builds.isEmpty
      }
      #expect(builds[0].attempts == attempt)
      try queue.fail(builds, pausing: 0)
    }
    _ = try queue.add([key(2)], .scheduled, client: nil)
    _ = try queue.add([key(1)], .found, client: nil)
    #expect(try queue.places(of: [key(2), key(1)]) == [1, 2])
    #expect(try queue.add([key(1)], .asked, client: 8) == [.waiting(place: 1)])
    #expect(try queue.progress().waiting == 2)
  }

  @Test(arguments: QueueKind.available)
  func `what kills its builders ends at the end as well`(kind: QueueKind) throws {
    let store = try kind.make()
    let queue = try store.open()
    _ = try queue.add([key(1)], .asked, client: 7)
    for _ in 1...3 {
      try store.clock.eventually("it is free") { try !queue.claim(1, of: kinds, seconds: 1).isEmpty }
    }
    _ = try queue.add([key(2)], .scheduled, client: nil)
    #expect(try queue.places(of: [key(1), key(2)]) == [2, 1])
    #expect(try claim(queue).key == key(2))
    var builds: [QueuedBuild] = []
    try store.clock.eventually("it is tried once more") {
      builds = try queue.claim(2, of: kinds, seconds: 60)
      return !builds.isEmpty
    }
    #expect(builds.map(\.key) == [key(1)] && builds[0].attempts == 4)
  }

  @Test(arguments: QueueKind.available) func `what is given back is where it was`(kind: QueueKind) throws {
    let queue = try kind.make().open()
    _ = try queue.add([key(1), key(2)], .found, client: 7)
    for _ in 0..<5 {
      let build = try claim(queue)
      #expect(build.key == key(1) && build.attempts == 1)
      try queue.giveBack([build])
    }
    #expect(try queue.places(of: [key(1), key(2)]) == [1, 2])
  }

  @Test(arguments: QueueKind.available)
  func `nobody gets what they cannot build, and keys come back with their kinds`(kind: QueueKind) throws {
    let queue = try kind.make().open()
    _ = try queue.add([CacheKey(CacheKey.Kind("of-the-future"), key(1).id), key(2, .artist)], .asked, client: 7)
    let builds = try queue.claim(9, of: [.artist], seconds: 60)
    #expect(builds.map(\.key) == [key(2, .artist)] && builds[0].key.kind.isEntity == CacheKey.Kind.artist.isEntity)
    #expect(try queue.progress().waiting == 2)
    #expect(try queue.claim(9, of: [], seconds: 60).isEmpty)
  }

  @Test(arguments: QueueKind.available)
  func `progress tells what waits, what is under way, what was done, and how long the rest takes`(
    kind: QueueKind
  ) throws {
    let store = try kind.make()
    let queue = try store.open()
    #expect(try queue.progress().waiting == 0 && queue.progress().secondsLeft == 0)
    #expect(try queue.progress().oldest == nil)
    _ = try queue.add(keys(0..<6), .found, client: nil)
    #expect(try queue.progress().secondsLeft == nil)
    try queue.finish(queue.claim(2, of: kinds, seconds: 60))
    _ = try claim(queue)
    let progress = try queue.progress()
    #expect(progress.waiting == 4 && progress.underWay == 1 && progress.done == 2)
    #expect(progress.oldest.map { (0..<60).contains($0) } ?? false)
    #expect(abs(progress.since - store.clock.now) < 60)
    #expect((1...120).contains(try #require(progress.secondsLeft)))
  }

  @Test(arguments: QueueKind.shared) func `of many processes each build is claimed by one`(kind: QueueKind) throws {
    nonisolated(unsafe) let store = try kind.make()
    let kinds = kinds
    let added = try inParallel(6) { index in
      let keys = (0..<30).map { CacheKey(.album, MBID(high: 1, low: UInt64($0))) }
      return try store.open().add(keys, .scheduled, client: nil).count
    }
    #expect(added == Array(repeating: 30, count: 6))
    let claimed = try inParallel(6) { _ in
      let queue = try store.open()
      var keys: [CacheKey] = []
      // Somebody else's claims may hide what is left for a moment.
      while try queue.progress().waiting > 0 {
        let builds = try queue.claim(2, of: kinds, seconds: 60)
        try queue.finish(builds)
        keys += builds.map(\.key)
      }
      return keys
    }
    let all = claimed.flatMap(\.self)
    #expect(all.count == 30 && Set(all).count == 30)
    #expect(try store.open().progress().done == 30)
  }

  @Test(arguments: QueueKind.shared) func `the limits hold however many add at once`(kind: QueueKind) throws {
    nonisolated(unsafe) let store = try kind.make()
    let outcomes = try inParallel(6) { index in
      let keys = (0..<20).map { CacheKey(.album, MBID(high: UInt64(index), low: UInt64($0))) }
      let one = try store.open().add(Array(keys[..<5]), .asked, client: 7)
      return try one + store.open().add(Array(keys[5...]), .scheduled, client: nil)
    }.flatMap(\.self)
    #expect(outcomes.filter { $0 == .clientHasEnough }.count == 20)
    #expect(try store.open().progress().waiting == 90)
  }
}
