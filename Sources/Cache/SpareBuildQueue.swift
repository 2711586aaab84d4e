public import Core

/// The queue of a store, and while that is away one of this process: what is asked for meanwhile is not forgotten.
public final class SpareBuildQueue: BuildQueue {
  private let store: any BuildQueue
  private let spare: any BuildQueue
  /// Claims that are the spare's.
  private var spared: Set<CacheKey> = []

  public init(_ store: any BuildQueue, spare: any BuildQueue) {
    self.store = store
    self.spare = spare
  }

  public var isAvailable: Bool { true }

  public func add(_ keys: [CacheKey], _ reason: BuildReason, client: UInt64?) throws(SourceError) -> [QueueOutcome] {
    if let outcomes = asked({ queue throws(SourceError) in try queue.add(keys, reason, client: client) }) {
      return outcomes
    }
    return try spare.add(keys, reason, client: client)
  }

  public func places(of keys: [CacheKey]) throws(SourceError) -> [Int?] {
    let own = try spare.places(of: keys)
    guard let places = asked({ queue throws(SourceError) in try queue.places(of: keys) }) else { return own }
    return zip(places, own).map { $0 ?? $1 }
  }

  public func claim(_ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64) throws(SourceError) -> [QueuedBuild] {
    let own = try spare.claim(limit, of: kinds, seconds: seconds)
    spared.formUnion(own.map(\.key))
    guard own.count < limit else { return own }
    let others = asked { queue throws(SourceError) in
      try queue.claim(limit - own.count, of: kinds, seconds: seconds)
    }
    return own + (others ?? [])
  }

  public func renew(_ builds: [QueuedBuild], seconds: Int64) throws(SourceError) -> [Bool] {
    var held: [Bool] = []
    for build in builds {
      held += try (isSpare(build) ? spare : store).renew([build], seconds: seconds)
    }
    return held
  }

  public func finish(_ builds: [QueuedBuild]) throws(SourceError) {
    try letGo(builds) { queue, builds throws(SourceError) in try queue.finish(builds) }
  }

  public func fail(_ builds: [QueuedBuild], pausing seconds: Int64) throws(SourceError) {
    try letGo(builds) { queue, builds throws(SourceError) in try queue.fail(builds, pausing: seconds) }
  }

  public func giveBack(_ builds: [QueuedBuild]) throws(SourceError) {
    try letGo(builds) { queue, builds throws(SourceError) in try queue.giveBack(builds) }
  }

  public func progress() throws(SourceError) -> QueueProgress {
    let own = try spare.progress()
    guard let progress = asked({ queue throws(SourceError) in try queue.progress() }) else { return own }
    return own.waiting == 0 ? progress : progress.adding(own)
  }

  private func letGo(
    _ builds: [QueuedBuild], _ change: (any BuildQueue, [QueuedBuild]) throws(SourceError) -> Void
  ) throws(SourceError) {
    let own = builds.filter(isSpare)
    let others = builds.filter { !isSpare($0) }
    if !own.isEmpty { try change(spare, own) }
    spared.subtract(own.map(\.key))
    if !others.isEmpty { try change(store, others) }
  }

  private func isSpare(_ build: QueuedBuild) -> Bool { spared.contains(build.key) }

  /// - Returns: nil when the store does not answer.
  private func asked<Answer>(_ ask: (any BuildQueue) throws(SourceError) -> Answer) -> Answer? {
    guard store.isAvailable else { return nil }
    return try? ask(store)
  }
}

extension QueueProgress {
  fileprivate func adding(_ other: QueueProgress) -> QueueProgress {
    var sum = self
    sum.waiting += other.waiting
    sum.underWay += other.underWay
    sum.done += other.done
    sum.oldest = [oldest, other.oldest].compactMap(\.self).max()
    return sum
  }
}
