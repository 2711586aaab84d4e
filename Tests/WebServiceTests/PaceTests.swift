import Cache
import Core
import Foundation
import Testing

@testable import WebService

@Suite struct PaceTests {
  final class Clock {
    var milliseconds: Int64 = 1_000_000
  }

  let clock = Clock()
  let tier: MemoryTier

  init() {
    tier = MemoryTier(limit: 1 << 20) { [clock] in UnixTime(seconds: clock.milliseconds / 1_000) }
  }

  func baton(boot: String = "boot", _ tier: (any CacheTier)? = nil) -> TierBaton {
    TierBaton(tier ?? self.tier, namespace: "test", name: "musicbrainz.org", boot: boot)
  }

  func pace(_ baton: (any Baton)? = nil, interval: Int = 1_000) -> Pace {
    Pace(baton ?? self.baton(), interval: interval, name: "test") { [clock] in
      clock.milliseconds
    } sleep: { [clock] in
      clock.milliseconds += Int64($0)
    }
  }

  /// Real time hardly passes here.
  var deadline: Deadline { .after(milliseconds: 60_000) }

  @Test func `requests of several processes keep the interval`() throws {
    let paces = (0..<4).map { _ in pace() }
    var times: [Int64] = []
    for round in 0..<12 {
      try paces[round % 4].turn(by: deadline) { [clock] _ in
        clock.milliseconds += 30
        times.append(clock.milliseconds)
        defer { clock.milliseconds += 400 }
        return Pace.Sent(time: clock.milliseconds)
      }
    }
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 1_000 && $1 - $0 < 1_100 })
  }

  @Test func `a request of which nobody knows when it was sent counts from its end`() throws {
    let pace = pace()
    var end: Int64 = 0
    try pace.turn(by: deadline) { [clock] _ in
      clock.milliseconds += 700
      end = clock.milliseconds
      return Pace.Sent(time: nil)
    }
    try pace.turn(by: deadline) { [clock] _ in
      #expect(clock.milliseconds - end >= 1_000)
      return Pace.Sent(time: nil)
    }
  }

  @Test(arguments: [
    BatonMark.sending.encoded(boot: "boot"), BatonMark.next(5).encoded(boot: "another"), Array("garbage".utf8), [],
    BatonMark.next(.min).encoded(boot: "another"), [0xff, 0xfe],
  ])
  func `who finds no moment waits for a whole interval`(_ mark: [UInt8]) throws {
    tier.set([CacheItem("test:baton:musicbrainz.org", mark, lifetime: 60)])
    let start = clock.milliseconds
    try pace().turn(by: deadline) { [clock] _ in
      #expect(clock.milliseconds - start >= 1_000)
      return Pace.Sent(time: clock.milliseconds)
    }
  }

  @Test func `a pause holds for everybody, and nobody waits in vain for a long one`() throws {
    try pace().turn(by: deadline) { [clock] _ in Pace.Sent(time: clock.milliseconds, pause: 5_000) }
    let start = clock.milliseconds
    try pace().turn(by: deadline) { [clock] _ in
      #expect(clock.milliseconds - start >= 4_900)
      return Pace.Sent(time: clock.milliseconds, pause: 600_000)
    }
    let before = clock.milliseconds
    let error = #expect(throws: SourceError.self) { try pace().turn(by: deadline) { _ in Pace.Sent() } }
    #expect(error?.code == .unavailable)
    #expect(clock.milliseconds == before)
  }

  @Test func `what nobody waits for lets people go first`() throws {
    func pace() -> Pace {
      let coordination = TierCoordination(shared: tier, namespace: "test")
      return Pace(
        baton(), interval: 1_000, name: "test", people: People(coordination) { [clock] in clock.milliseconds }
      ) { [clock] in
        clock.milliseconds
      } sleep: { [clock] in
        clock.milliseconds += Int64($0)
      }
    }
    let (person, background) = (pace(), pace())
    var last: Int64 = 0
    for _ in 0..<3 {
      try person.turn(by: deadline) { [clock] _ in
        last = clock.milliseconds
        return Pace.Sent(time: last)
      }
      // The next request of the same answer comes before it.
      #expect(throws: SourceError.self) {
        let pulse = Pulse(every: 0) { [clock] in clock.milliseconds < last + 500 }
        try background.turn(by: .after(milliseconds: 60_000, awaited: false).with(pulse)) { _ in
          Issue.record("it did not give way")
          return Pace.Sent()
        }
      }
    }
    try background.turn(by: .after(milliseconds: 60_000, awaited: false)) { [clock] _ in
      #expect(clock.milliseconds - last < 4_000)
      return Pace.Sent(time: clock.milliseconds)
    }
  }

  @Test func `who may not wait does not`() {
    final class Full: Waiting {
      func mayWait() -> Bool { false }
    }
    let before = clock.milliseconds
    let error = #expect(throws: SourceError.self) {
      try pace().turn(by: deadline.with(Full())) { _ in Pace.Sent() }
    }
    #expect(error?.code == .crowded)
    #expect(clock.milliseconds == before)
  }

  @Test func `a moment far away, which nobody can have asked for, passes`() throws {
    tier.set([CacheItem("test:baton:musicbrainz.org", BatonMark.next(.max).encoded(boot: "boot"), lifetime: 60)])
    #expect(throws: SourceError.self) { try pace().turn(by: deadline) { _ in Pace.Sent() } }
  }

  @Test func `there are never two at once`() throws {
    let (first, second) = (baton(), baton())
    #expect(first.take() == .held)
    #expect(second.take() == .busy)
    first.giveBack()
    #expect(second.take() == .held)
    #expect(first.take() == .busy)
  }

  @Test func `the baton of a dead process is free after a while, and one who comes late leaves no mark`() throws {
    let (dead, next) = (baton(), baton())
    #expect(dead.take() == .held)
    dead.write(.sending)
    clock.milliseconds += 4_000
    #expect(next.take() == .busy)
    clock.milliseconds += 2_000
    #expect(next.take() == .held)
    #expect(next.read() == .sending)
    next.write(.next(9_000_000))
    // It was not dead after all.
    #expect(!dead.keep())
    dead.write(.next(1))
    #expect(next.read() == .next(9_000_000))
    dead.giveBack()
    #expect(next.keep())
  }

  @Test func `who loses the baton while it sends is stopped`() throws {
    let baton = baton()
    try pace(baton, interval: 0).turn(by: deadline) { [tier] deadline in
      #expect(deadline.beat())
      tier.delete("test:lease:baton:musicbrainz.org")
      usleep(450_000)
      #expect(!deadline.beat())
      return Pace.Sent()
    }
  }

  @Test func `while the shared tier is away nobody asks`() {
    let error = #expect(throws: SourceError.self) {
      try pace(baton(MemoryTier(limit: 0))).turn(by: deadline) { _ in
        Issue.record("it was sent")
        return Pace.Sent()
      }
    }
    #expect(error?.code == .unavailable)
  }

  @Test func `a request that has no time left is not sent`() {
    let error = #expect(throws: SourceError.self) {
      try pace().turn(by: .after(milliseconds: 900)) { _ in
        Issue.record("it was sent")
        return Pace.Sent()
      }
    }
    #expect(error?.code == .timedOut)
  }

  @Test func `a locked file serves where nothing is shared`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "baton-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = FileBaton(path: path, boot: "boot")
    let second = FileBaton(path: path, boot: "boot")
    #expect(first.take() == .held)
    #expect(first.read() == .unknown)
    #expect(second.take() == .busy)
    first.write(.next(123_456_789))
    first.write(.next(17))
    first.giveBack()
    #expect(second.take() == .held)
    #expect(second.read() == .next(17))
    #expect(FileBaton(path: path, boot: "later").take() == .busy)
    second.giveBack()
    let later = FileBaton(path: path, boot: "later")
    #expect(later.take() == .held)
    #expect(later.read() == .unknown)
  }

  @Test func `a file that is a link or no file is nobody's`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "baton-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let link = folder.appending(path: "link").path
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.appending(path: "x").path)
    #expect(FileBaton(path: link, boot: "boot").take() == .unavailable)
    #expect(FileBaton(path: folder.path, boot: "boot").take() == .unavailable)
    #expect(FileBaton(path: "\(folder.path)/no/such", boot: "boot").take() == .unavailable)
  }
}
