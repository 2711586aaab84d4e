public import Cache
public import Core
public import Logging

/// Works a queue of builds, one process of all that share the store at a time.
///
/// It stops soon after somebody waits to be served. What it has asked MusicBrainz for until then is kept by whoever asked,
/// and the build goes back to its place.
public final class Builder {
  public enum Ending: Equatable, Sendable {
    /// Nothing can be built now; what failed may be waiting for its next attempt.
    case empty
    /// Somebody waits, or the time is up.
    case stopped
    /// Another process is at it.
    case occupied
    /// The queue or MusicBrainz cannot be asked now.
    case resting
  }

  /// What has become of a build.
  public enum Outcome: Equatable, Sendable {
    case built
    case failed(SourceError)
    case givenBack
  }

  private let queue: any BuildQueue
  private let catalog: Catalog
  private let store: DocumentStore
  private let coordination: any Coordination
  private let canBuild: () -> Bool
  private let logger: Logger
  private let now: () -> UInt64
  private var nextLook: UInt64 = 0

  /// Under which all processes know whoever builds.
  private static let name = "builder"
  private static let leaseSeconds: Int64 = 5
  /// A killed builder's build is free again after so long, in seconds.
  static let claimSeconds: Int64 = 20
  /// After MusicBrainz could not be reached, in seconds.
  private static let restSeconds: Int64 = 30
  private static let beatMilliseconds = 50
  /// In nanoseconds.
  private static let (leaseRenewal, claimRenewal): (UInt64, UInt64) = (1_000_000_000, 5_000_000_000)
  /// How long nothing is looked for after nothing could be built, in nanoseconds.
  private static let emptyPause: UInt64 = 10_000_000_000
  /// What an answer of MusicBrainz' is kept for; what takes longer would begin again and again.
  private static let longestBuild = 3_600_000

  /// - Parameters:
  ///   - canBuild: whether MusicBrainz may be asked at all, without asking it.
  ///   - now: monotonic nanoseconds.
  public init(
    _ queue: any BuildQueue, catalog: Catalog, store: DocumentStore, coordination: any Coordination,
    canBuild: @escaping () -> Bool, logger: Logger, now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds
  ) {
    self.queue = queue
    self.catalog = catalog
    self.store = store
    self.coordination = coordination
    self.canBuild = canBuild
    self.logger = logger
    self.now = now
  }

  /// Whether there is something to build that nobody builds. A look costs two or three questions to the store.
  public var hasWork: Bool {
    guard now() >= nextLook, isFree, queue.isAvailable else { return false }
    return ((try? queue.progress())?.waiting ?? 0) > 0
  }

  /// Whether another process, or this one, is building.
  public var isOccupied: Bool { coordination.isHeld(Builder.name) }

  private var isFree: Bool { canBuild() && !coordination.arePaused([Builder.name])[0] && !isOccupied }

  /// Builds one after the other.
  ///
  /// - Parameters:
  ///   - deadline: when to stop.
  ///   - report: is told of each.
  public func work(
    until deadline: Deadline, whileNobodyWaits isSomebodyWaiting: () -> Bool = { false },
    report: (QueuedBuild, Outcome) -> Void = { _, _ in }
  ) -> Ending {
    guard canBuild(), !coordination.arePaused([Builder.name])[0] else { return .resting }
    var lease: Lease?
    switch coordination.acquire(Builder.name, seconds: Builder.leaseSeconds) {
    case .held(let held): lease = held
    case .busy: return .occupied
    case .unavailable: break
    }
    defer { if let lease { coordination.release(lease) } }
    return withoutActuallyEscaping(isSomebodyWaiting) { isSomebodyWaiting in
      do throws(SourceError) {
        while !isSomebodyWaiting(), !deadline.hasPassed {
          let claimed = try queue.claim(1, of: Catalog.buildKinds, seconds: Builder.claimSeconds)
          guard let build = claimed.first else {
            nextLook = now() + Builder.emptyPause
            return .empty
          }
          let outcome = try self.build(build, lease, until: deadline, whileNobodyWaits: isSomebodyWaiting)
          report(build, outcome)
          switch outcome {
          case .built: continue
          case .givenBack: return .stopped
          case .failed(let error) where error.code == .unavailable || error.code == .notSetUp:
            coordination.pause(Builder.name, seconds: Builder.restSeconds)
            return .resting
          case .failed: guard canBuild() else { return .resting }
          }
        }
        return .stopped
      } catch {
        logger.warning("the queue of builds cannot be worked", metadata: ["reason": "\(error)"])
        nextLook = now() + Builder.emptyPause
        return .resting
      }
    }
  }

  private func build(
    _ build: QueuedBuild, _ lease: Lease?, until deadline: Deadline,
    whileNobodyWaits isSomebodyWaiting: @escaping () -> Bool
  ) throws(SourceError) -> Outcome {
    var renewed = (lease: now(), claim: now())
    let pulse = Pulse(every: Builder.beatMilliseconds) { [queue, coordination, now] in
      let time = now()
      if let lease, time - renewed.lease >= Builder.leaseRenewal {
        renewed.lease = time
        // Another has taken its place while this one was held up.
        guard coordination.renew(lease, seconds: Builder.leaseSeconds) else { return false }
      }
      if time - renewed.claim >= Builder.claimRenewal {
        renewed.claim = time
        guard (try? queue.renew([build], seconds: Builder.claimSeconds)) != [false] else { return false }
      }
      return !isSomebodyWaiting() && !deadline.hasPassed
    }
    do throws(SourceError) {
      let deadline = Deadline.after(milliseconds: Builder.longestBuild, awaited: false).with(pulse)
      // What is due is there, and would be served; it is to be made anew.
      if build.reason == .scheduled {
        let isUrgent = store.cached([build.key])[0] == nil
        _ = try catalog.renew([DueDocument(scheduled: build.key, isUrgent: isUrgent)], by: deadline)
      } else {
        try catalog.build(build.key, by: deadline)
      }
    } catch {
      guard !pulse.hasStopped, error.code != .notSetUp else {
        try queue.giveBack([build])
        return error.code == .notSetUp ? .failed(error) : .givenBack
      }
      logger.warning(
        "a build failed and is tried again later",
        metadata: ["key": "\(build.key.kind.name) \(build.key.id)", "reason": "\(error)"])
      try queue.fail([build], pausing: 0)
      return .failed(error)
    }
    // What is out of the queue has to be in the store.
    store.catchUp(whileNobodyWaits: isSomebodyWaiting)
    try queue.finish([build])
    return .built
  }
}
