import Core
import Glibc
import Logging
import Metadata
import Testing

@testable import Cache
@testable import Handlers

/// Who waits for what takes long to build, and what everybody else is told.
@Suite struct BuildingTests {
  let clock = TestClock()
  let shared: SwitchedTier
  let queue: MemoryBuildQueue

  init() {
    shared = SwitchedTier(clock: clock)
    queue = MemoryBuildQueue(policy: .init(most: 30)) { [clock] in clock.time }
  }

  /// As another process of a pool has it.
  func room(of workers: Int) -> WaitingRoom {
    WaitingRoom(TierCoordination(shared: shared, namespace: "test"), places: workers / 3)
  }

  func building(_ room: WaitingRoom? = nil, isStopping: @escaping () -> Bool = { false }) -> Building {
    Building(
      queue: queue, room: room ?? self.room(of: 6), waitMilliseconds: 80_000, secondsForOne: 5, isStopping: isStopping)
  }

  func key(_ number: UInt64) -> CacheKey { CacheKey(.album, MBID(high: 1, low: number)) }
  let client = ClientNetwork(address: "192.0.2.1")

  @Test(arguments: [(1, 1), (2, 1), (6, 2), (7, 2), (16, 5)])
  func `a third of the pool waits, at least one`(workers: Int, waiting: Int) {
    let rooms = (0..<workers).map { _ in room(of: workers) }
    #expect(rooms.count { $0.mayWait() } == waiting)
    // Who has a place keeps it.
    #expect(rooms.count { $0.mayWait() } == waiting)
    rooms[0].leave()
    #expect(rooms[workers - 1].mayWait())
  }

  @Test func `a killed process loses its place, one that goes on waiting does not`() {
    let (killed, waiting, next) = (room(of: 6), room(of: 6), [room(of: 6), room(of: 6)])
    #expect(killed.mayWait())
    #expect(waiting.mayWait())
    let deadline = waiting.deadline(milliseconds: 80_000)
    usleep(1_010_000)
    clock.time = clock.time + 2
    #expect(deadline.beat())
    clock.time = clock.time + 2
    #expect(next.count { $0.mayWait() } == 1)
  }

  @Test func `a place is taken only by who needs it, and given back with the answer`() throws {
    let building = building(room(of: 3))
    try building.wait { _ throws(SourceError) in #expect(room(of: 3).mayWait()) }
    clock.time = clock.time + 10
    try building.wait { deadline throws(SourceError) in
      #expect(deadline.mayWait())
      #expect(deadline.orAfter(milliseconds: 10).mayWait())
      #expect(!room(of: 3).mayWait())
      #expect(deadline.millisecondsLeft > 79_000)
    }
    #expect(room(of: 3).mayWait())
  }

  @Test func `nobody waits in a process that has been told to end`() throws {
    try building { true }.wait { deadline throws(SourceError) in
      usleep(1_010_000)
      #expect(!deadline.beat())
      #expect(deadline.hasPassed)
    }
  }

  @Test func `who must not wait is told the place and the time, and it is built`() throws {
    let building = building()
    _ = try queue.add([key(1), key(2)], .found, client: nil)
    _ = try queue.add([key(3)], .asked, client: 1)
    let failure = building.failure(SourceError(.crowded, ""), building: [key(4)], for: client)
    #expect(failure == .queued(place: 2, seconds: 10))
    let response = Response(failure)
    #expect(response.status == 503)
    #expect(response.retryAfter == 10)
    guard case .json(let bytes) = response.payload else { return #expect(Bool(false)) }
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"error":"Waiting to be built","queue":{"place":2,"seconds":10}}"#)
    #expect(try queue.places(of: [key(4)]) == [2])
    // At the rate of what has been built: four in 40 seconds.
    let first = try queue.claim(1, of: [.album], seconds: 60)
    clock.time = clock.time + 20
    try queue.finish(first)
    #expect(
      building.failure(SourceError(.timedOut, ""), building: [key(4)], for: client) == .queued(place: 1, seconds: 20))
  }

  @Test(arguments: [SourceError.Code.unavailable, .failed])
  func `what fails is built later, and the client is told why`(_ code: SourceError.Code) throws {
    let error = SourceError(code, "")
    #expect(building().failure(error, building: [key(1)], for: nil) == .source(error))
    #expect(try queue.places(of: [key(1)]) == [1])
  }

  @Test(arguments: [SourceError.Code.notSetUp, .empty])
  func `what cannot be built at all is not queued`(_ code: SourceError.Code) throws {
    let error = SourceError(code, "")
    #expect(building().failure(error, building: [key(1)], for: nil) == .source(error))
    #expect(try queue.places(of: [key(1)]) == [nil])
  }

  @Test func `one address has a tenth of the queue, and a full queue says so`() throws {
    let building = building()
    func ask(_ number: UInt64, _ client: ClientNetwork?) -> Failure {
      building.failure(SourceError(.crowded, ""), building: [key(number)], for: client)
    }
    for number in 0..<3 { guard case .queued = ask(UInt64(number), client) else { return #expect(Bool(false)) } }
    #expect(ask(3, client) == .notQueued("As much is being built for this address as may be"))
    for number in 3..<30 { guard case .queued = ask(UInt64(number), nil) else { return #expect(Bool(false)) } }
    #expect(ask(30, nil) == .notQueued("The queue is full"))
    #expect(Response(ask(30, nil)).status == 503)
    #expect(Response(ask(30, nil)).retryAfter == 60)
  }
}
