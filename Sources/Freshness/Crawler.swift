public import Cache
public import Core
public import Logging
public import Metadata

/// Keeps a store warm: has documents made anew before anybody notices that they are due, many at a time. Any number of
/// crawlers may do so at once; what one has claimed no other gets.
///
/// It costs nobody who waits: while somebody does, it works a small part of the time, with small batches.
public final class Crawler {
  /// One kind of document, and who makes it anew.
  public struct Job {
    public var kind: CacheKey.Kind
    /// How many are made anew together.
    public var batch: Int
    /// How long before their time they are, in seconds.
    public var aheadSeconds: Int64
    /// A kind that has to be done with first: making it makes some of these as well.
    public var after: CacheKey.Kind?
    /// Whether the documents themselves are needed for it.
    public var wantsDocuments = false
    /// How long to wait when as many questions were asked as may be, in seconds.
    public var windowSeconds = 1
    /// How many may be made anew now; 0 to look again later.
    public var room: () -> Int = { .max }
    /// Makes them anew. What it does not return was done.
    public var renew: ([DueDocument], Deadline) throws(SourceError) -> Rest

    public init(
      _ kind: CacheKey.Kind, batch: Int, aheadSeconds: Int64 = Catalog.aheadSeconds, after: CacheKey.Kind? = nil,
      renew: @escaping ([DueDocument], Deadline) throws(SourceError) -> Rest
    ) {
      self.kind = kind
      self.batch = batch
      self.aheadSeconds = aheadSeconds
      self.after = after
      self.renew = renew
    }
  }

  /// What has become of documents that were not made anew.
  public struct Rest {
    /// Left as they are until their claims run out, such as where a provider does not answer.
    public var left: [DueDocument] = []
    /// Not asked about, because as many questions were asked as may be.
    public var refused: [DueDocument] = []

    public init(left: [DueDocument] = [], refused: [DueDocument] = []) {
      self.left = left
      self.refused = refused
    }
  }

  /// Something else that is done beside the documents, a part at a time.
  public struct Chore {
    /// How long it rests when there is nothing to do for it, in seconds.
    public var restSeconds: Int
    /// Does a part; returns whether there is more to do at once.
    public var step: (Deadline) throws(SourceError) -> Bool

    public init(restSeconds: Int = 60, step: @escaping (Deadline) throws(SourceError) -> Bool) {
      self.restSeconds = restSeconds
      self.step = step
    }
  }

  public struct Progress: Equatable, Sendable {
    public var done = 0
    public var left = 0
    public var failed = 0

    public init() {}
  }

  /// How long before its time it is asked for what providers say, in seconds: it is to be ready for the documents.
  public static let answersAheadSeconds: Int64 = 7_200
  /// Longer than any batch takes. What was left is tried again after that.
  public static let claimSeconds: Int64 = 600
  static let batchMilliseconds = 300_000
  /// How long a kind is left alone of which nothing is due, or nothing can be done, in nanoseconds.
  static let restSeconds = 60
  /// No more are claimed at once: what was computed is kept in one statement.
  static let mostAtOnce = 2_000
  /// While somebody waits, batches are so much smaller, and it rests so many times as long as it has worked; but no
  /// longer than this, in nanoseconds.
  private static let (courtesyShare, courtesyRest, longestCourtesy): (Int, UInt64, UInt64) = (10, 4, 5_000_000_000)
  private static let stampsAtOnce = 500
  /// So many batches in a row are nobody's fault but MusicBrainz': halving the largest until one is left takes fewer.
  private static let mostFailures = 16

  let store: DocumentStore
  let durable: any DurableTier
  let logger: Logger
  private let isStopping: () -> Bool
  private let wallClock: () -> UnixTime
  let now: () -> UInt64
  private let sleep: (UInt64) -> Void
  private var entries: [Entry]
  /// Kinds of which there may be documents whose stamps nobody has noted.
  private var unstamped: Set<CacheKey.Kind>
  /// How many batches have failed since the last that did not.
  private var failures = 0
  public private(set) var progress: [String: Progress] = [:]
  /// Why something could not be done that was tried; nil when all could.
  public private(set) var obstacle: SourceError?

  private enum Ending {
    /// There may be more to do at once.
    case more
    case nothing
    /// There is more to do, but so many seconds later.
    case later(Int)
  }

  private enum Task {
    case job(Job)
    case chore(Chore)
  }

  private struct Entry {
    let task: Task
    /// In nanoseconds; whoever has had the least time goes next.
    var spent: UInt64 = 0
    var restsUntil: UInt64 = 0
    /// Whether it rests only until more may be asked.
    var isWaiting = false

    var kind: CacheKey.Kind? {
      if case .job(let job) = task { job.kind } else { nil }
    }

    var restSeconds: Int {
      if case .chore(let chore) = task { chore.restSeconds } else { Crawler.restSeconds }
    }
  }

  /// - Parameters:
  ///   - isStopping: whether this process has been told to end.
  ///   - now: monotonic nanoseconds.
  ///   - sleep: waits so many nanoseconds, less if this process is told to end.
  public init(
    _ store: DocumentStore, _ durable: any DurableTier, jobs: [Job], chores: [Chore] = [], logger: Logger,
    isStopping: @escaping () -> Bool, wallClock: @escaping () -> UnixTime = { .now },
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds, sleep: @escaping (UInt64) -> Void
  ) {
    self.store = store
    self.durable = durable
    self.logger = logger
    self.isStopping = isStopping
    self.wallClock = wallClock
    self.now = now
    self.sleep = sleep
    // Chores first: where all have had as much time, the first goes next.
    entries = chores.map { Entry(task: .chore($0)) } + jobs.map { Entry(task: .job($0)) }
    unstamped = Set(jobs.map(\.kind).filter { store.dueStamp(of: $0) != nil })
  }

  /// Works until nothing is due that can be done now, or this process is told to end.
  ///
  /// - Parameters:
  ///   - deadline: when to stop.
  ///   - report: is called after each batch.
  public func work(until deadline: Deadline, report: () -> Void = {}) {
    while !isStopping(), !deadline.hasPassed {
      guard let index = next() else {
        let waiting = entries.filter { $0.isWaiting && $0.restsUntil > now() }.map(\.restsUntil).min()
        guard let waiting else { return }
        sleep(waiting - min(waiting, now()))
        continue
      }
      let start = now()
      let isAwaited = store.isSomebodyWaiting
      let ending = step(entries[index].task, isAwaited: isAwaited)
      let end = now()
      entries[index].spent += max(1, end - start)
      entries[index].isWaiting = false
      switch ending {
      case .more: if isAwaited { sleep(min((end - start) * Crawler.courtesyRest, Crawler.longestCourtesy)) }
      case .nothing: entries[index].restsUntil = end + UInt64(entries[index].restSeconds) * 1_000_000_000
      case .later(let seconds):
        entries[index].restsUntil = end + UInt64(max(1, seconds)) * 1_000_000_000
        entries[index].isWaiting = true
      }
      report()
    }
  }

  /// Whoever has had the least time, of those that may work.
  private func next() -> Int? {
    let now = now()
    let busy = Set(entries.filter { $0.restsUntil <= now }.compactMap(\.kind))
    let ready = entries.indices.filter { index in
      guard entries[index].restsUntil <= now else { return false }
      guard case .job(let job) = entries[index].task, let before = job.after else { return true }
      return !busy.contains(before)
    }
    guard let next = ready.min(by: { entries[$0].spent < entries[$1].spent }) else { return nil }
    // Whoever has rested must not make up for it at the cost of the others.
    let least = entries[next].spent
    for index in entries.indices { entries[index].spent = max(entries[index].spent, least) }
    return next
  }

  // MARK: - A batch

  private func step(_ task: Task, isAwaited: Bool) -> Ending {
    durable.pulse = pulse
    defer { durable.pulse = nil }
    do throws(SourceError) {
      switch task {
      case .chore(let chore): return try chore.step(deadline) ? .more : .nothing
      case .job(let job):
        let due = try claim(job, isAwaited: isAwaited)
        guard !due.isEmpty else { return .nothing }
        do throws(SourceError) {
          return try renew(due, job)
        } catch {
          try? durable.giveBack(due)
          throw error
        }
      }
    } catch {
      if !isStopping() {
        logger.warning("cannot crawl now", metadata: ["reason": "\(error)"])
        obstacle = error
      }
      return .nothing
    }
  }

  private var pulse: Pulse { Pulse(every: 50) { [isStopping] in !isStopping() } }

  private var deadline: Deadline {
    .after(milliseconds: Crawler.batchMilliseconds, awaited: false).with(pulse)
  }

  private func claim(_ job: Job, isAwaited: Bool) throws(SourceError) -> [DueDocument] {
    let most = isAwaited ? max(1, job.batch / Crawler.courtesyShare) : job.batch
    let limit = min(most, Crawler.mostAtOnce, job.room())
    guard limit > 0 else { return [] }
    if unstamped.contains(job.kind),
      try durable.noteStamps(of: job.kind, limit: Crawler.stampsAtOnce) < Crawler.stampsAtOnce
    {
      unstamped.remove(job.kind)
    }
    var question = DueQuestion(
      job.kind, before: wallClock() + job.aheadSeconds, stamp: store.dueStamp(of: job.kind), limit: limit)
    question.wantsDocuments = job.wantsDocuments
    return try durable.claimDue(question, seconds: Crawler.claimSeconds)
  }

  private func renew(_ due: [DueDocument], _ job: Job) throws(SourceError) -> Ending {
    let name = job.kind.name
    do throws(SourceError) {
      let rest = try job.renew(due, deadline)
      // What was computed is kept, even when this process has been told to end.
      store.catchUp()
      durable.pulse = pulse
      guard !store.hasBacklog else {
        throw SourceError(.unavailable, "the durable cache does not take what was computed")
      }
      try durable.giveBack(rest.refused)
      failures = 0
      progress[name, default: Progress()].done += due.count - rest.left.count - rest.refused.count
      progress[name, default: Progress()].left += rest.left.count
      if !rest.refused.isEmpty { return .later(job.windowSeconds) }
      return rest.left.count * 2 <= due.count ? .more : .nothing
    } catch {
      failures += 1
      guard !isStopping(), error.code == .failed, failures < Crawler.mostFailures else {
        throw error
      }
      // One of them may be to blame: the others are done without it.
      guard due.count > 1 else {
        logger.warning(
          "a document cannot be made anew and is tried again later",
          metadata: ["key": "\(name) \(due[0].key.id)", "reason": "\(error)"])
        progress[name, default: Progress()].failed += 1
        return .more
      }
      let middle = due.count / 2
      _ = try renew(Array(due[..<middle]), job)
      return try renew(Array(due[middle...]), job)
    }
  }
}
