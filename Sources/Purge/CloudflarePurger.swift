public import Cache
public import Core
public import Freshness
public import HTTP
public import Logging
public import Metadata

/// Has Cloudflare forget answers that have changed: what is to be purged waits in a queue that survives a restart, and one
/// process at a time works it.
public final class CloudflarePurger: Purging {
  public enum Ending: Equatable, Sendable {
    /// Nothing waits that may be purged now.
    case empty
    /// Somebody waits, or the time is up.
    case stopped
    /// Another process is at it.
    case occupied
    /// Cloudflare, or the queue, cannot be asked now.
    case resting
  }

  private let cloudflare: Cloudflare
  private let addresses: PublicAddresses
  private let method: PurgeMethod
  private let prefixRequestsAMinute: Int
  let queue: any PurgeQueue
  private let targets: PurgeTargets
  private let fetcher: any HTTPFetcher
  let coordination: any Coordination
  private let logger: Logger
  private let now: () -> Int64
  /// When the queue is looked at again, in seconds since the machine started.
  private var nextLook = UnixTime(seconds: 0)

  /// nginx hands out what it kept before the change for a second, and Cloudflare might fetch just that.
  private static let delaySeconds: Int64 = 5
  /// How many are added to the queue with one question.
  private static let addedAtOnce = 1_000
  private static let claimedAtOnce = 50
  /// A killed process's claim, and its right to be the only one, end after so long.
  private static let leaseSeconds: Int64 = 60
  private static let requestMilliseconds = 15_000
  private static let beatMilliseconds = 50
  /// For one entity; an artist with more albums than this keeps some old answers until they expire.
  static let mostForOne = 1_000
  private static let lookSeconds: Int64 = 15
  private static let (refusalSeconds, failureSeconds, unauthorisedSeconds): (Int64, Int64, Int64) = (3_600, 30, 900)

  static let lease = "purger"
  /// What is left alone for a while: everything; because of the credentials; purging by prefix.
  static let (pause, unauthorised, noPrefixes) = ("cloudflare", "cloudflare:unauthorised", "cloudflare:no-prefixes")

  /// - Parameters:
  ///   - prefixRequestsAMinute: how many requests by prefix the zone's plan allows.
  ///   - store: knows what shows an artist.
  ///   - coordination: where processes agree on who purges, and how often.
  ///   - now: wall-clock time in milliseconds, by which all processes tell the same minutes apart.
  public init(
    _ cloudflare: Cloudflare, _ addresses: PublicAddresses, by method: PurgeMethod, prefixRequestsAMinute: Int,
    queue: any PurgeQueue, store: DocumentStore, fetcher: any HTTPFetcher, coordination: any Coordination,
    logger: Logger, now: @escaping () -> Int64 = { UnixTime.nowMilliseconds }
  ) {
    self.cloudflare = cloudflare
    self.addresses = addresses
    self.method = method
    self.prefixRequestsAMinute = prefixRequestsAMinute
    self.queue = queue
    targets = PurgeTargets(store: store)
    self.fetcher = fetcher
    self.coordination = coordination
    self.logger = logger
    self.now = now
  }

  // MARK: - What is to be purged

  public func purge(_ changes: EntityChanges) throws(SourceError) {
    let keys =
      changes.artists.map { CacheKey(.artist, $0) }
      + changes.discographies.subtracting(changes.artists).map { CacheKey(.artistAlbums, $0) }
      + changes.albums.map { CacheKey(.album, $0) } + changes.series.map { CacheKey(.series, $0) }
    var refused = 0
    var rest = keys[...]
    while !rest.isEmpty {
      refused += try queue.add(
        Array(rest.prefix(CloudflarePurger.addedAtOnce)), delay: CloudflarePurger.delaySeconds)
      rest = rest.dropFirst(CloudflarePurger.addedAtOnce)
    }
    if refused > 0 {
      logger.error(
        "Cloudflare keeps old answers until they expire there: the queue of purges is full",
        metadata: ["entities": "\(refused)"])
    }
    nextLook = min(nextLook, .monotonic + CloudflarePurger.delaySeconds)
  }

  // MARK: - Purging

  /// Whether it is worth calling ``work(until:whileNobodyWaits:)``. A look costs a question or two to the store, and is
  /// taken now and then.
  public var hasWork: Bool {
    guard UnixTime.monotonic >= nextLook, queue.isAvailable else { return false }
    nextLook = .monotonic + CloudflarePurger.lookSeconds
    guard !isPaused, !coordination.isHeld(CloudflarePurger.lease) else { return false }
    return ((try? queue.backlog())?.count ?? 0) > 0
  }

  private var isPaused: Bool { coordination.arePaused([CloudflarePurger.pause])[0] }

  /// Purges what waits, until nothing does, or Cloudflare wants to be left alone.
  ///
  /// - Parameter deadline: when to stop. It stops sooner when somebody waits.
  public func work(until deadline: Deadline, whileNobodyWaits isSomebodyWaiting: () -> Bool = { false }) -> Ending {
    guard queue.isAvailable, !isPaused else { return .resting }
    var lease: Lease?
    switch coordination.acquire(CloudflarePurger.lease, seconds: CloudflarePurger.leaseSeconds) {
    case .held(let held): lease = held
    case .busy: return .occupied
    case .unavailable: break
    }
    defer { if let lease { coordination.release(lease) } }
    return withoutActuallyEscaping(isSomebodyWaiting) { isSomebodyWaiting in
      let pulse = Pulse(every: CloudflarePurger.beatMilliseconds) { deadline.beat() && !isSomebodyWaiting() }
      return work(until: deadline.with(pulse), lease)
    }
  }

  private func work(until deadline: Deadline, _ lease: Lease?) -> Ending {
    do throws(SourceError) {
      while deadline.beat(), !deadline.hasPassed {
        if let lease, !coordination.renew(lease, seconds: CloudflarePurger.leaseSeconds) { return .occupied }
        let claimed = try queue.claim(
          CloudflarePurger.claimedAtOnce, of: CacheKey.Kind.purged, seconds: CloudflarePurger.leaseSeconds)
        guard !claimed.isEmpty else { return .empty }
        try purge(claimed, until: deadline)
        if isPaused { return .resting }
      }
      return .stopped
    } catch {
      // What was claimed is free again when the lease has run out.
      logger.warning("the queue of purges cannot be worked", metadata: ["reason": "\(error)"])
      return .resting
    }
  }

  private func purge(_ claimed: [QueuedPurge], until deadline: Deadline) throws(SourceError) {
    let form = form
    var run = PurgeRun(claimed, names: names(of: claimed.map(\.key), form))
    while deadline.beat(), !deadline.hasPassed, let names = run.next(upTo: cloudflare.most(form)) {
      let outcome = wait(for: form).map { .throttled($0) } ?? ask(form, names, by: deadline)
      // Nobody knows what has become of a request that was broken off for somebody's sake.
      let isBrokenOff = deadline.hasPassed && outcome != .purged
      if !isBrokenOff { note(outcome, form) }
      run.end(with: isBrokenOff ? .throttled(0) : outcome)
      guard outcome == .purged else { break }
    }
    try queue.finish(run.done)
    try queue.fail(run.failed)
    try queue.giveBack(run.left)
  }

  private var form: Cloudflare.Form {
    switch method {
    case .prefix: .prefixes
    case .url: .files
    case .automatic: coordination.arePaused([CloudflarePurger.noPrefixes])[0] ? .files : .prefixes
    }
  }

  /// What Cloudflare is to be told of each.
  private func names(of keys: [CacheKey], _ form: Cloudflare.Form) -> [[String]] {
    zip(keys, targets.paths(of: keys)).map { key, paths in
      let names = paths.flatMap { form == .prefixes ? addresses.prefixes(of: $0) : addresses.urls(of: $0) }
      if names.count > CloudflarePurger.mostForOne {
        logger.notice(
          "Cloudflare keeps some old answers until they expire there: too many show this entity",
          metadata: ["entity": "\(key.kind.name) \(key.id)", "urls": "\(names.count)"])
      }
      return Array(names.prefix(CloudflarePurger.mostForOne))
    }
  }

  /// Counts a request. The plan's bucket holds several minutes' worth, so that windows of a minute never ask for too much.
  ///
  /// - Returns: for how many seconds the plan allows no more; nil when it allows this one.
  private func wait(for form: Cloudflare.Form) -> Int? {
    // As many URLs a second as plans allow cannot be asked for one request after the other.
    guard form == .prefixes else { return nil }
    let (minute, milliseconds) = (now() / 60_000, now() % 60_000)
    let count = coordination.count("cloudflare:requests:\(minute)", by: 1, seconds: 120)
    guard count > UInt64(prefixRequestsAMinute) else { return nil }
    return Int((60_000 - milliseconds) / 1_000 + 1)
  }

  private func ask(_ form: Cloudflare.Form, _ names: [String], by deadline: Deadline) -> Cloudflare.Outcome {
    var result: Result<HTTPResponse, FetchError> = .failure(.notStarted)
    let exchange = HTTPExchange(id: 0, request: cloudflare.request(form, names), service: cloudflare.service)
    fetcher.run([exchange], by: deadline.orAfter(milliseconds: CloudflarePurger.requestMilliseconds)) {
      result = $1
      return []
    }
    return cloudflare.outcome(result)
  }

  private func note(_ outcome: Cloudflare.Outcome, _ form: Cloudflare.Form) {
    switch outcome {
    case .purged: break
    case .throttled(let seconds): coordination.pause(CloudflarePurger.pause, seconds: Int64(seconds))
    case .unauthorised(let reason):
      logger.error("Cloudflare does not let us purge: look at CLOUDFLARE_*", metadata: ["reason": "\(reason)"])
      coordination.pause(CloudflarePurger.unauthorised, seconds: CloudflarePurger.unauthorisedSeconds)
      coordination.pause(CloudflarePurger.pause, seconds: CloudflarePurger.unauthorisedSeconds)
    case .refused(let reason):
      logger.warning("Cloudflare refuses to purge", metadata: ["by": "\(form.rawValue)", "reason": "\(reason)"])
      if method == .automatic, form == .prefixes {
        coordination.pause(CloudflarePurger.noPrefixes, seconds: CloudflarePurger.refusalSeconds)
      }
    case .failed(let reason):
      logger.warning("Cloudflare was not reached", metadata: ["reason": "\(reason)"])
      coordination.pause(CloudflarePurger.pause, seconds: CloudflarePurger.failureSeconds)
    }
  }
}
