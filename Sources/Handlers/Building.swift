public import Cache
internal import Core

/// What happens to a request whose answer takes long to build: some wait for it, all others are told their place in the
/// queue, and it is built all the same.
public struct Building {
  private let queue: any BuildQueue
  private let room: WaitingRoom
  /// How long who may wait does so, in milliseconds.
  private let waitMilliseconds: Int
  /// How long a build takes as long as nobody knows better, in seconds.
  private let secondsForOne: Int
  private let isStopping: () -> Bool

  private static let mostSeconds = 3_600

  /// - Parameter isStopping: whether nobody is to wait any longer, because the process has been told to end.
  public init(
    queue: any BuildQueue, room: WaitingRoom, waitMilliseconds: Int, secondsForOne: Int,
    isStopping: @escaping () -> Bool = { false }
  ) {
    self.queue = queue
    self.room = room
    self.waitMilliseconds = waitMilliseconds
    self.secondsForOne = max(1, secondsForOne)
    self.isStopping = isStopping
  }

  /// Runs `ask` with the deadline of somebody who may wait.
  ///
  /// - Parameter milliseconds: how long; nil: as long as anybody may.
  func wait<Answer>(
    milliseconds: Int? = nil, _ ask: (Deadline) throws(SourceError) -> Answer
  ) throws(SourceError) -> Answer {
    defer { room.leave() }
    return try ask(room.deadline(milliseconds: milliseconds ?? waitMilliseconds, isStopping: isStopping))
  }

  /// Has builds go on for which nobody waits any more.
  ///
  /// - Returns: what to tell the client.
  func failure(_ error: SourceError, building keys: [CacheKey], for client: ClientNetwork?) -> Failure {
    guard error.code != .notSetUp, error.code != .empty, !keys.isEmpty else { return .source(error) }
    let outcomes = (try? queue.add(keys, .asked, client: hash(client))) ?? []
    // Whoever asked in vain is told why.
    guard error.code == .timedOut || error.code == .crowded else { return .source(error) }
    var last: Int?
    for outcome in outcomes {
      if case .waiting(let place) = outcome { last = max(last ?? 1, place) }
    }
    if let last { return .queued(place: last, seconds: seconds(until: last)) }
    return switch outcomes.first {
    case .clientHasEnough: .notQueued("As much is being built for this address as may be")
    case .full: .notQueued("The queue is full")
    default: .source(error)
    }
  }

  /// Has something built although nobody waits for it.
  ///
  /// - Returns: its place in the queue; nil when there is no room for it.
  func place(of key: CacheKey, for client: ClientNetwork?) -> Int? {
    guard case .waiting(let place) = (try? queue.add([key], .asked, client: hash(client)))?.first else { return nil }
    return place
  }

  private func hash(_ client: ClientNetwork?) -> UInt64? { client.map { FNV.hash($0.name.utf8) } }

  /// How long it takes until so many are built.
  private func seconds(until place: Int) -> Int {
    let progress = try? queue.progress()
    guard let progress, progress.done > 0, progress.waiting > 0, let left = progress.secondsLeft else {
      return min(Building.mostSeconds, min(place, Building.mostSeconds) * secondsForOne)
    }
    let seconds = (Double(left) * Double(place) / Double(progress.waiting)).rounded(.up)
    return min(Building.mostSeconds, max(1, Int(seconds)))
  }
}
