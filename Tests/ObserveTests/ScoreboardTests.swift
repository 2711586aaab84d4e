import Core
import CoreMetrics
import Foundation
import Testing

@testable import Observe

/// The memory that the processes of a pool share.
@Suite struct ScoreboardTests {
  static func board(slots: Int = 4) throws -> Scoreboard {
    try #require(Scoreboard(slots: slots, socket: "/run/x.sock", program: "1.2.3"))
  }

  @Test func `what a worker does can be read by whoever maps the same memory`() throws {
    let board = try Self.board()
    let slot = try #require(board.takeSlot())
    board.assign(slot, to: 4711)
    let activity = Activity(slot: board.slot(slot))
    activity.beginRequest()
    activity.setRequest("GET")
    activity.setRoute(.artist)
    _ = activity.enter(.provider, provider: .fanart)
    let memory = try #require(SharedMemory(taking: dup(board.descriptor), atLeast: 8, .readOnly))
    let other = try Scoreboard(memory)
    #expect(other.socket == "/run/x.sock" && other.program == "1.2.3" && other.masterPID == getpid())
    let worker = try #require(other.workers().first)
    #expect(worker.pid == 4711 && other.workers().count == 1)
    #expect(worker.position.stageText == "provider fanart" && worker.position.requestText == "GET artist")
    activity.note(error: "no\nanswer " + String(repeating: "ä", count: 200), at: UnixTime(seconds: 17))
    _ = activity.endRequest(isError: true)
    let after = try #require(other.workers().first)
    #expect(after.requests == 1 && after.errors == 1 && after.position.stage == .idle)
    #expect(after.position.requestText == nil && after.lastErrorTime == UnixTime(seconds: 17))
    #expect(after.lastError?.hasPrefix("no\\nanswer ää") ?? false)
  }

  @Test func `the time of a request is divided among its stages`() {
    var now: UInt64 = 1_000
    let activity = Activity(slot: nil, now: { now })
    activity.beginRequest()
    now += 5
    _ = activity.enter(.answering)
    now += 7
    activity.during(.cache) {
      now += 11
      activity.during(.source) { now += 13 }
      now += 17
    }
    now += 19
    _ = activity.enter(.writing)
    now += 23
    #expect(activity.endRequest(isError: false) == 95)
    #expect(activity.time(in: .reading) == 5 && activity.time(in: .answering) == 26)
    #expect(activity.time(in: .cache) == 28 && activity.time(in: .source) == 13 && activity.time(in: .writing) == 23)
  }

  @Test func `a sum never falls when a worker dies, and a gauge of its does`() throws {
    let board = try Self.board()
    let (first, second) = (try #require(board.takeSlot()), try #require(board.takeSlot()))
    let place = try #require(MetricCatalog.place("linernotes_documents_total", [("result", "hit")]))
    let gauge = try #require(MetricCatalog.place("linernotes_memory_cache_bytes", []))
    for slot in [first, second] {
      let metrics = SharedMetrics(board.metrics(slot), statsD: nil)
      metrics.makeCounter(label: "linernotes_documents_total", dimensions: [("result", "hit")]).increment(by: 5)
      metrics.makeRecorder(label: "linernotes_memory_cache_bytes", dimensions: [], aggregate: false).record(Int64(100))
    }
    #expect(board.sums()[place.start] == 10 && board.sums()[gauge.start] == 200)
    board.moving { board.release(first, cpu: 1_000) }
    #expect(board.sums()[place.start] == 10 && board.sums()[gauge.start] == 100)
    #expect(board.takeSlot() == first)
    #expect(board.sums()[place.start] == 10)
    #expect(board.deadCPU == 1_000)
  }

  @Test func `there are only so many parts, and none is given twice`() throws {
    let board = try Self.board(slots: 3)
    #expect(Set((0..<3).compactMap { _ in board.takeSlot() }) == [1, 2, 3])
    #expect(board.takeSlot() == nil)
  }

  @Test func `whoever takes longer than it may is overdue, and whoever shows progress is not`() throws {
    let board = try Self.board()
    let slot = try #require(board.takeSlot())
    var now: UInt64 = 1_000_000_000
    let activity = Activity(slot: board.slot(slot), now: { now })
    activity.setLimits(request: 2_000, silence: 3_000)
    #expect(board.overdue(slot, now: now + 1_000_000_000_000) == nil)
    activity.beginRequest()
    now += 1_500_000_000
    _ = activity.enter(.cache)
    #expect(board.overdue(slot, now: now) == nil)
    #expect(board.overdue(slot, now: now + 600_000_000)?.seconds == 2)
    #expect(board.overdue(slot, now: now + 600_000_000)?.position.stage == .cache)
    _ = activity.endRequest(isError: false)
    #expect(board.overdue(slot, now: now + 10_000_000_000) == nil)
    activity.working(.refreshing, .refreshing) {
      for _ in 0..<10 {
        now += 2_000_000_000
        #expect(board.overdue(slot, now: now) == nil)
        activity.beat()
      }
      #expect(board.overdue(slot, now: now + 3_100_000_000)?.position.stageText == "refreshing")
    }
  }

  @Test func `deaths are counted, and the last ones kept with their places`() throws {
    let board = try Self.board()
    let slot = try #require(board.takeSlot())
    let activity = Activity(slot: board.slot(slot))
    activity.beginRequest()
    activity.setRequest("POST")
    activity.setRoute(.fingerprint)
    for number in 0..<20 { board.note(.crashed(signal: SIGSEGV), of: slot, pid: Int32(number)) }
    board.note(.hung(seconds: 9), of: slot, pid: 20)
    board.note(.ended, of: slot, pid: 21)
    #expect(board.losses == (20, 1, 1, 0))
    #expect(board.deaths.map(\.pid) == [20, 19, 18, 17, 16, 15, 14, 13])
    #expect(board.deaths[0].cause == "hang" && board.deaths[1].cause == "SIGSEGV")
    #expect(board.deaths[1].position.requestText == "POST fingerprint")
    var taken: [Int32] = []
    while let death = board.takeUnreportedDeath() { taken.append(death.pid) }
    #expect(taken == [13, 14, 15, 16, 17, 18, 19, 20])
    #expect(!board.hasUnreportedDeath)
  }

  @Test func `whatever a worker that has gone wrong has written, reading it crashes nobody`() throws {
    let board = try Self.board()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      for index in 18..<board.words.count { board.words[index] = random.next() }
      for index in 3..<18 { board.words[index] = random.next() }
      _ = board.workers()
      _ = board.deaths
      _ = board.sums()
      _ = (1...4).map { board.overdue($0, now: .max) }
      let report = PoolReport(board)
      #expect(!report.table(width: 100).isEmpty)
      let json = Data(PoolReport.json([report]).utf8)
      #expect((try? JSONSerialization.jsonObject(with: json)) != nil)
      _ = board.claim(random.next(), at: .now, seconds: 5)
      for _ in 0..<20 { _ = board.takeUnreportedDeath() }
    }
  }

  @Test func `what is no scoreboard, or another version's, is left alone`() throws {
    let board = try Self.board()
    let memory = try #require(SharedMemory(taking: dup(board.descriptor), atLeast: 8))
    board.words[1] &+= 1
    #expect(throws: ScoreboardError.ofAnotherVersion("1.2.3")) { try Scoreboard(memory) }
    board.words[0] = 0
    #expect(throws: ScoreboardError.unreadable) { try Scoreboard(memory) }
    let small = try #require(SharedMemory(size: 64))
    #expect(throws: ScoreboardError.unreadable) { try Scoreboard(small) }
    #expect(SharedMemory(taking: dup(small.descriptor), atLeast: 4_096) == nil)
    #expect(ftruncate(board.descriptor, 8) != 0, "nobody can take the memory away")
  }

  @Test func `a text that is being written is not read in halves`() throws {
    let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 9)
    words.initialize(repeating: 0, count: 9)
    defer { words.deallocate() }
    let text = SharedText(words: Words(UnsafeMutableRawPointer(words), count: 9))
    text.set("hello")
    #expect(text.text == "hello")
    words[0] |= 1
    #expect(text.text == nil)
    text.set("again, and this is longer than there is room for, by a few bytes at least")
    #expect(text.text?.hasPrefix("again, and this is longer") ?? false)
  }

  @Test func `an error is claimed by one of the pool, and again when its time is over`() throws {
    let board = try Self.board()
    let start = UnixTime(seconds: 1_000_000)
    #expect(board.claim(7, at: start, seconds: 60))
    #expect(!board.claim(7, at: start + 59, seconds: 60))
    #expect(board.claim(7, at: start + 60, seconds: 60))
    // More of them than the table holds: all are claimed.
    for hash in UInt64(100)..<300 { #expect(board.claim(hash, at: start, seconds: 60)) }
  }
}
