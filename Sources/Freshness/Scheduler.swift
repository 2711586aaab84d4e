public import Cache
public import Core
public import Metadata

/// Keeps fresh what people ask for, where MusicBrainz' web service is the source: what was asked for lately goes through
/// the queue of builds when it is due, a few at a time and behind what anybody waits for.
public final class Scheduler {
  private let queue: any BuildQueue
  private let builder: Builder
  private let durable: any DurableTier
  private let store: DocumentStore
  /// What was asked for longer ago is made anew when it is next asked for, in seconds.
  private let lateSeconds: Int64
  private let now: () -> UnixTime
  public private(set) var built = 0
  public private(set) var failed = 0

  /// How many builds may wait in the queue for something to be added.
  static let most = 50
  private static let builderMilliseconds = 30_000
  private static let kinds: [CacheKey.Kind] = [.artistAlbums, .artist, .album]

  public init(
    _ queue: any BuildQueue, _ builder: Builder, _ store: DocumentStore, _ durable: any DurableTier,
    lateSeconds: Int64, now: @escaping () -> UnixTime = { .now }
  ) {
    self.queue = queue
    self.builder = builder
    self.store = store
    self.durable = durable
    self.lateSeconds = lateSeconds
    self.now = now
  }

  /// Adds what is due to the queue, and builds for a while.
  ///
  /// - Returns: whether there is more to do at once.
  public func step(by deadline: Deadline) throws(SourceError) -> Bool {
    try fill()
    let ending = builder.work(
      until: deadline.orAfter(milliseconds: Scheduler.builderMilliseconds), whileNobodyWaits: { !deadline.beat() }
    ) { _, outcome in
      switch outcome {
      case .built: built += 1
      case .failed: failed += 1
      case .givenBack: break
      }
    }
    return ending == .stopped && deadline.beat()
  }

  private func fill() throws(SourceError) {
    guard queue.isAvailable else { return }
    var room = Scheduler.most - (try queue.progress().waiting)
    for kind in Scheduler.kinds where room > 0 {
      var question = DueQuestion(
        kind, before: now() + Catalog.aheadSeconds, stamp: store.dueStamp(of: kind), limit: room)
      question.usedSince = now() + -lateSeconds
      let due = try durable.claimDue(question, seconds: DueQuestion.longestClaim)
      let outcomes = try queue.add(due.map(\.key), .scheduled, client: nil)
      try durable.giveBack(zip(due, outcomes).filter { $1 == .full }.map(\.0))
      room -= due.count
    }
  }
}
