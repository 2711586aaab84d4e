internal import Cache
internal import Core
internal import Documents
internal import HTTP

/// One run of the inquirer: which questions are open, and what follows from each answer. It does no I/O but through
/// the cache and the gate.
final class InquiryRun {
  private struct Task {
    let upstream: Int
    let question: Question
    var subjects: [Int]
    var cached: Finding?
    var answers: [HTTPResponse] = []
    var reply: Inquirer.Reply?
    var hasBegun = false
    /// When the request that is under way was begun, in monotonic nanoseconds.
    var asked: UInt64 = 0
  }

  /// What has come of asking one provider.
  private struct Tally {
    var verdict = Gate.Verdict.open
    var hasSucceeded = false
    var points: UInt64 = 0
  }

  private let upstreams: [any Upstream]
  private let subjects: [Subject]
  private let store: DocumentStore
  private let gate: Gate
  private let metrics: ProviderMetrics
  private let deadline: Deadline
  private let now: UnixTime
  private let start: (HTTPRequest) -> UInt64?
  private var tasks: [Task] = []
  /// The tasks of each subject, in the providers' order.
  private var tasksOfSubject: [[Int]]
  /// Whether everything is asked anew, whatever is cached.
  private let isRenewal: Bool
  private var tallies: [String: Tally] = [:]
  private var findings: [CacheKey: Document] = [:]
  private var isOver = false
  /// Why providers failed, one reason each.
  private(set) var complaints: [String: String] = [:]
  /// The answers to the first requests of questions for whose others a client's patience was too short.
  private(set) var unfinished: [CacheKey: [HTTPResponse]] = [:]

  /// - Parameters:
  ///   - begun: the answers that earlier runs have left behind, by question.
  ///   - start: when a request was begun that is under way since an earlier run.
  init(
    _ upstreams: [any Upstream], _ subjects: [Subject], store: DocumentStore, gate: Gate, metrics: ProviderMetrics,
    deadline: Deadline, now: UnixTime, begun: [CacheKey: [HTTPResponse]] = [:],
    start: @escaping (HTTPRequest) -> UInt64? = { _ in nil }
  ) {
    self.upstreams = upstreams
    self.subjects = subjects
    self.store = store
    self.gate = gate
    self.metrics = metrics
    self.deadline = deadline
    self.now = now
    self.start = start
    isRenewal = false
    tasksOfSubject = subjects.map { _ in [] }
    var known: [CacheKey: Int] = [:]
    for (index, subject) in subjects.enumerated() {
      for (position, upstream) in upstreams.enumerated() {
        guard let question = upstream.question(about: subject) else { continue }
        let task = known[question.key] ?? tasks.count
        if task == tasks.count {
          tasks.append(
            Task(upstream: position, question: question, subjects: [], answers: begun[question.key] ?? []))
          known[question.key] = task
        }
        tasks[task].subjects.append(index)
        tasksOfSubject[index].append(task)
      }
    }
  }

  /// Asks one provider questions that it has been asked before.
  init(
    _ upstream: any Upstream, renewing questions: [Question], store: DocumentStore, gate: Gate,
    metrics: ProviderMetrics, deadline: Deadline, now: UnixTime, start: @escaping (HTTPRequest) -> UInt64?
  ) {
    upstreams = [upstream]
    subjects = []
    tasksOfSubject = []
    isRenewal = true
    self.store = store
    self.gate = gate
    self.metrics = metrics
    self.deadline = deadline
    self.now = now
    self.start = start
    tasks = questions.map { Task(upstream: 0, question: $0, subjects: []) }
  }

  /// Whom an exchange asks.
  func provider(of task: Int) -> String { upstreams[tasks[task].upstream].name }

  /// The keys of all questions.
  var keys: [CacheKey] { tasks.map(\.question.key) }

  var replies: [[Inquirer.Reply]] {
    tasksOfSubject.map { $0.map { tasks[$0].reply ?? Inquirer.Reply(finding: Finding(), shortfall: .timedOut) } }
  }

  /// The replies in the order of the questions.
  var answers: [Inquirer.Reply] {
    tasks.map { $0.reply ?? Inquirer.Reply(finding: Finding(), shortfall: .timedOut) }
  }

  // MARK: - Beginning

  /// The first requests of all questions that the cache does not answer.
  func begin() -> [HTTPExchange] {
    for (index, document) in store.cached(tasks.map(\.question.key)).enumerated() {
      guard let document, let finding = Finding(document, named: tasks[index].question.name) else { continue }
      tasks[index].cached = finding
      if !isRenewal, !document.isStale(at: now) {
        tasks[index].reply = Inquirer.Reply(finding: finding, expires: document.expires)
      }
    }
    let open = tasks.indices.filter { tasks[$0].reply == nil }
    let names = Set(open.map { upstreams[tasks[$0].upstream].name })
    for (name, verdict) in gate.verdicts(on: names.sorted(), isAwaited: deadline.isAwaited) {
      tallies[name, default: Tally()].verdict = verdict
    }
    var exchanges: [HTTPExchange] = []
    for task in open where isRenewal || !upstreams[tasks[task].upstream].isLastResort {
      exchanges += begin(task)
    }
    for subject in subjects.indices { exchanges += beginLastResorts(of: subject) }
    return exchanges
  }

  private func begin(_ task: Int) -> [HTTPExchange] {
    tasks[task].hasBegun = true
    let name = upstreams[tasks[task].upstream].name
    if case .closed(let isWorthProbing) = tallies[name]?.verdict {
      metrics.count(.unavailable, of: name)
      return fail(task, .unavailable(isWorthProbing: isWorthProbing))
    }
    return proceed(task)
  }

  /// Once all others have had their say about a subject, those are asked that are asked only then.
  private func beginLastResorts(of subject: Int) -> [HTTPExchange] {
    guard !isOver else { return [] }
    let all = tasksOfSubject[subject]
    let isLast = { [self] (task: Int) in upstreams[tasks[task].upstream].isLastResort }
    guard all.allSatisfy({ isLast($0) || tasks[$0].reply != nil }) else { return [] }
    var exchanges: [HTTPExchange] = []
    for task in all where isLast(task) && tasks[task].reply == nil && !tasks[task].hasBegun {
      let findings = all.filter { !isLast($0) }.compactMap { tasks[$0].reply?.finding }
      if upstreams[tasks[task].upstream].isNeeded(besides: findings, about: subjects[subject]) {
        exchanges += begin(task)
      }
    }
    return exchanges
  }

  // MARK: - Going on

  /// The next request of a task, or those that follow from its end.
  private func proceed(_ task: Int) -> [HTTPExchange] {
    let upstream = upstreams[tasks[task].upstream]
    let step: Step
    do throws(UpstreamError) {
      step = try upstream.step(tasks[task].question, after: tasks[task].answers)
    } catch {
      return fail(task, because: error)
    }
    switch step {
    case .ask(let request):
      guard !deadline.hasPassed else { return fail(task, .timedOut) }
      if let tally = tallies[upstream.name], tally.points >= Gate.tolerated, !tally.hasSucceeded {
        metrics.count(.unavailable, of: upstream.name)
        return fail(task, .unavailable(isWorthProbing: false))
      }
      if let start = start(request) {
        // It was admitted and counted when it was begun.
        tasks[task].asked = start
      } else {
        guard gate.admit(upstream.name) else {
          metrics.count(.rateLimit, of: upstream.name)
          return fail(task, .rateLimited)
        }
        metrics.count(.request, of: upstream.name)
        tasks[task].asked = Deadline.monotonicNanoseconds()
      }
      return [HTTPExchange(id: task, request: request, service: upstream.service)]
    case .found(let finding, let others):
      for other in others { keep(other.finding, of: other.question, upstream) }
      return succeed(task, finding)
    case .absent:
      if upstream.doubts(absenceOf: tasks[task].question), let cached = tasks[task].cached, !cached.isEmpty {
        return succeed(task, cached)
      }
      return succeed(task, Finding())
    }
  }

  /// Takes in the answer to a request.
  ///
  /// - Returns: the requests that follow from it.
  func take(_ result: Result<HTTPResponse, FetchError>, of task: Int) -> [HTTPExchange] {
    let name = upstreams[tasks[task].upstream].name
    switch result {
    case .success(let answer):
      metrics.record(nanoseconds: Deadline.monotonicNanoseconds() - tasks[task].asked, of: name)
      if answer.status == 429 || (answer.status == 503 && answer.retryAfter != nil) {
        gate.pause(name, seconds: answer.retryAfter ?? Gate.pauseWithoutRetryAfter)
        tallies[name, default: Tally()].verdict = .closed(isWorthProbing: false)
      }
      tasks[task].answers.append(answer)
      return proceed(task)
    case .failure(.timedOut):
      metrics.count(.timeout, of: name)
      complain(name, "time-out")
      tallies[name, default: Tally()].points += wasCutShort ? Gate.impatientPoints : Gate.failurePoints
      return fail(task, .timedOut)
    case .failure(.notStarted):
      return fail(task, .timedOut)
    case .failure(let error):
      metrics.count(.error, of: name)
      complain(name, "\(error)")
      if error != .refused, error != .unsupported { tallies[name, default: Tally()].points += Gate.failurePoints }
      return fail(task, .failed)
    }
  }

  private func fail(_ task: Int, because error: UpstreamError) -> [HTTPExchange] {
    let name = upstreams[tasks[task].upstream].name
    metrics.count(.error, of: name)
    switch error {
    case .status(let status):
      complain(name, "status \(status)")
      // The one status that is about the question.
      if status != 400 { tallies[name, default: Tally()].points += Gate.failurePoints }
    case .overloaded:
      complain(name, "overloaded")
      tallies[name, default: Tally()].points += Gate.failurePoints
    case .malformed:
      // One answer that cannot be read says nothing about the others.
      complain(name, "malformed answer")
    }
    return fail(task, .failed)
  }

  /// Whether it is not the providers' fault alone that there was too little time: a client waits, or one has come.
  private var wasCutShort: Bool { deadline.isAwaited || !deadline.beat() }

  private func complain(_ provider: String, _ reason: String) {
    if complaints[provider] == nil { complaints[provider] = reason }
  }

  // MARK: - Ending

  private func succeed(_ task: Int, _ finding: Finding) -> [HTTPExchange] {
    let upstream = upstreams[tasks[task].upstream]
    tallies[upstream.name, default: Tally()].hasSucceeded = true
    keep(finding, of: tasks[task].question, upstream)
    return end(task, Inquirer.Reply(finding: finding, expires: now + upstream.seconds))
  }

  private func fail(_ task: Int, _ shortfall: Inquirer.Shortfall) -> [HTTPExchange] {
    if shortfall == .timedOut, wasCutShort, !tasks[task].answers.isEmpty {
      unfinished[tasks[task].question.key] = tasks[task].answers
    }
    return end(task, Inquirer.Reply(finding: tasks[task].cached ?? Finding(), shortfall: shortfall))
  }

  private func end(_ task: Int, _ reply: Inquirer.Reply) -> [HTTPExchange] {
    tasks[task].reply = reply
    tasks[task].answers = []
    guard !upstreams[tasks[task].upstream].isLastResort else { return [] }
    return tasks[task].subjects.flatMap { beginLastResorts(of: $0) }
  }

  private func keep(_ finding: Finding, of question: Question, _ upstream: any Upstream) {
    findings[question.key] = finding.document(named: question.name, expires: now + upstream.seconds)
  }

  /// Ends what could not be ended in time, and tells the cache and the gate what has been learnt.
  func finish() {
    isOver = true
    for task in tasks.indices where tasks[task].reply == nil {
      let isMissing = tasks[task].hasBegun || !upstreams[tasks[task].upstream].isLastResort
      // A last resort that was not needed lacks nothing.
      _ = isMissing ? fail(task, .timedOut) : end(task, Inquirer.Reply(finding: tasks[task].cached ?? Finding()))
    }
    store.put(findings)
    for (name, tally) in tallies where tally.hasSucceeded || tally.points > 0 {
      gate.report(
        name, hasSucceeded: tally.hasSucceeded, failures: tally.points)
    }
  }
}
