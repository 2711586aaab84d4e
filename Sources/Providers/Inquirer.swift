internal import Cache
internal import Core
internal import HTTP
internal import Logging
internal import Observe

/// Asks providers, all of them about all subjects at the same time, and copes with their failing: what is cached and
/// fresh is not asked for; what cannot be had is taken from the cache, also if it is stale; else it is empty, and the
/// reply says that this is not the last word. This rule is here and nowhere else.
final class Inquirer {
  /// What is known of what one provider says about one subject.
  struct Reply: Equatable {
    var finding: Finding
    /// Until when it is believed; nil when it is not what the provider says now.
    var expires: UnixTime?
    var shortfall: Shortfall?
  }

  /// Why a reply is not what the provider says now.
  enum Shortfall: Equatable {
    case timedOut
    case failed
    case rateLimited
    case unavailable(isWorthProbing: Bool)
  }

  private struct Begun {
    let answers: [HTTPResponse]
    let time: UnixTime
  }

  let upstreams: [any Upstream]
  let store: DocumentStore
  private let fetcher: any HTTPFetcher
  private let gate: Gate
  private let metrics = ProviderMetrics()
  private let activity: Activity
  private let logger: Logger
  let now: () -> UnixTime
  /// What providers said to the first requests of questions that were left unfinished for a client's sake.
  private var begun: [CacheKey: Begun] = [:]

  /// Long enough for the work that follows an answer. Transfers under way are not kept longer either.
  private static let begunSeconds: Int64 = 10
  private static let mostBegun = 32

  init(
    _ upstreams: [any Upstream], store: DocumentStore, fetcher: any HTTPFetcher, gate: Gate,
    activity: Activity = Activity(), logger: Logger,
    now: @escaping () -> UnixTime
  ) {
    self.upstreams = upstreams
    self.store = store
    self.fetcher = fetcher
    self.gate = gate
    self.activity = activity
    self.logger = logger
    self.now = now
  }

  /// How many requests a provider may be sent now; 0 while it is left alone.
  func room(for upstream: any Upstream) -> Int {
    gate.isPaused(upstream.name) ? 0 : gate.requests(of: upstream.name)
  }

  /// Asks one provider questions that it has been asked before, whatever is cached.
  func renew(_ questions: [Question], of upstream: any Upstream, by deadline: Deadline) -> [Reply] {
    let run = InquiryRun(
      upstream, renewing: questions, store: store, gate: gate, metrics: metrics, deadline: deadline, now: now(),
      start: fetcher.start(of:))
    fetcher.run(run.begin(), by: deadline) { id, result in run.take(result, of: id) }
    run.finish()
    complain(run)
    return run.answers
  }

  /// - Returns: for each subject, the replies of the providers that have anything to say about such a thing, in the
  ///   providers' order.
  func ask(about subjects: [Subject], by deadline: Deadline) -> [[Reply]] {
    let now = now()
    begun = begun.filter { (0...Inquirer.begunSeconds).contains(now - $0.value.time) }
    let run = InquiryRun(
      upstreams, subjects, store: store, gate: gate, metrics: metrics, deadline: deadline, now: now,
      begun: begun.mapValues(\.answers), start: fetcher.start(of:))
    let first = run.begin()
    if !first.isEmpty {
      let asked = Set(first.map { run.provider(of: $0.id) })
      let only = asked.count == 1 ? asked.first.flatMap { ProviderName($0) } : nil
      activity.during(.provider, provider: only) {
        fetcher.run(first, by: deadline) { id, result in run.take(result, of: id) }
      }
    }
    run.finish()
    for key in run.keys { begun[key] = nil }
    for (key, answers) in run.unfinished where begun.count < Inquirer.mostBegun {
      begun[key] = Begun(answers: answers, time: now)
    }
    complain(run)
    return run.replies
  }

  private func complain(_ run: InquiryRun) {
    for (provider, reason) in run.complaints.sorted(by: { $0.key < $1.key }) {
      logger.warning("provider failed", metadata: ["provider": "\(provider)", "reason": "\(reason)"])
    }
  }
}
