import Cache
import Core
import Documents
import HTTP
import Logging
import Metadata
import Testing

@testable import Providers

/// A fetcher that answers from a script, without a network or time.
final class ScriptedFetcher: HTTPFetcher {
  var script: (HTTPRequest) -> Result<HTTPResponse, FetchError> = { _ in .failure(.unreachable) }
  private(set) var requests: [HTTPRequest] = []
  /// How many were under way at the same time, at most.
  private(set) var width = 0

  func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    var open = exchanges
    while !open.isEmpty {
      width = max(width, open.count)
      let exchange = open.removeFirst()
      requests.append(exchange.request)
      open += next(exchange.id, script(exchange.request))
    }
  }
}

/// A provider that knows what a test says it knows.
struct StubUpstream: Upstream {
  var name: String
  var kind = CacheKey.Kind.fanart
  var seconds: Int64 = 1_000
  var isLastResort = false
  var doubtsAbsence = false
  var service: HTTPService { HTTPService(origins: []) }

  func question(about subject: Subject) -> Question? { Question(kind, subject.id) }
  func doubts(absenceOf question: Question) -> Bool { doubtsAbsence }
  func isNeeded(besides findings: [Finding], about subject: Subject) -> Bool { findings.allSatisfy(\.isEmpty) }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    guard let answer = answers.last else { return .ask(HTTPRequest("\(name)/\(question.name)")) }
    guard answer.status == 200 else { throw .status(answer.status) }
    let text = String(decoding: answer.body, as: UTF8.self)
    switch text {
    case "absent": return .absent
    case "garbage": throw .malformed
    case "more" where answers.count == 1: return .ask(HTTPRequest("\(name)/\(question.name)/more"))
    default: return .found(Finding(overview: text))
    }
  }
}

@Suite struct InquirerTests {
  final class Clock {
    var time = UnixTime(seconds: 1_800_000_000)
  }

  let clock = Clock()
  let fetcher = ScriptedFetcher()
  let tier: MemoryTier
  let store: DocumentStore
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() {
    let clock = clock
    tier = MemoryTier(limit: 1 << 20) { clock.time }
    store = DocumentStore(
      shared: tier, memory: MemoryTier(limit: 0), coordination: TierCoordination(shared: tier, namespace: "t"),
      policy: .init(staleSeconds: 100_000), namespace: "t", logger: logger, now: { clock.time })
  }

  func inquirer(_ upstreams: any Upstream..., limiter: Gate.Limiter = .nobody) -> Inquirer {
    Inquirer(
      upstreams, store: store, fetcher: fetcher,
      gate: Gate(
        limiter: limiter, limit: .init(requests: 1, windowMilliseconds: 1_000),
        coordination: TierCoordination(shared: tier, namespace: "t")
      ) { [clock] in clock.time.seconds * 1_000 },
      logger: logger, now: { [clock] in clock.time })
  }

  static let one: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
  static let two: MBID = "cc197bad-dc9c-440d-a5b5-d52ba2e14234"

  func ask(_ inquirer: Inquirer, _ ids: MBID..., awaited: Bool = true) -> [[Inquirer.Reply]] {
    inquirer.ask(
      about: ids.map { Subject(kind: .artist, id: $0, links: []) },
      by: .after(milliseconds: 1_000, awaited: awaited))
  }

  func answer(_ text: String) { fetcher.script = { _ in .success(.text(text)) } }

  static let failures: [(String, Result<HTTPResponse, FetchError>, Inquirer.Shortfall)] = [
    ("401", .success(.text("", status: 401)), .failed), ("403", .success(.text("", status: 403)), .failed),
    ("429", .success(.text("", status: 429)), .failed), ("500", .success(.text("", status: 500)), .failed),
    ("503", .success(.text("", status: 503)), .failed), ("malformed", .success(.text("garbage")), .failed),
    ("time-out", .failure(.timedOut), .timedOut), ("not started", .failure(.notStarted), .timedOut),
    ("too large", .failure(.tooLarge), .failed), ("truncated", .failure(.truncated), .failed),
    ("unreachable", .failure(.unreachable), .failed), ("refused", .failure(.refused), .failed),
    ("no libcurl", .failure(.unsupported), .failed), ("broken", .failure(.broken(56)), .failed),
  ]

  @Test func `what was found is not asked for again until it is stale`() {
    let inquirer = inquirer(StubUpstream(name: "a"))
    answer("one")
    let fresh = Inquirer.Reply(finding: Finding(overview: "one"), expires: clock.time + 1_000)
    #expect(ask(inquirer, Self.one) == [[fresh]])
    answer("two")
    #expect(ask(inquirer, Self.one) == [[fresh]])
    clock.time = clock.time + 1_000
    #expect(ask(inquirer, Self.one)[0][0].finding.overview == "two")
    #expect(fetcher.requests.count == 2)
  }

  @Test func `that there is nothing is kept as long as something would be`() {
    let inquirer = inquirer(StubUpstream(name: "a"))
    answer("absent")
    let absent = Inquirer.Reply(finding: Finding(), expires: clock.time + 1_000)
    #expect(ask(inquirer, Self.one) == [[absent]])
    clock.time = clock.time + 999
    #expect(ask(inquirer, Self.one) == [[absent]])
    #expect(fetcher.requests.count == 1)
  }

  @Test(arguments: failures)
  func `a failure is answered from what is stale, or with nothing, and is not remembered as an answer`(
    name: String, result: Result<HTTPResponse, FetchError>, shortfall: Inquirer.Shortfall
  ) {
    let inquirer = inquirer(StubUpstream(name: "a"))
    answer("one")
    _ = ask(inquirer, Self.one)
    clock.time = clock.time + 1_001
    fetcher.script = { _ in result }
    #expect(
      ask(inquirer, Self.one) == [[Inquirer.Reply(finding: Finding(overview: "one"), shortfall: shortfall)]], "\(name)")
    clock.time = clock.time + 61
    #expect(ask(inquirer, Self.two) == [[Inquirer.Reply(finding: Finding(), shortfall: shortfall)]], "\(name)")
    clock.time = clock.time + 61
    answer("two")
    #expect(ask(inquirer, Self.one, Self.two).map { $0[0].finding.overview } == ["two", "two"], "\(name)")
  }

  @Test func `a doubtful absence does not replace what was known`() {
    answer("one")
    let doubting = inquirer(StubUpstream(name: "a", doubtsAbsence: true))
    _ = ask(doubting, Self.one)
    clock.time = clock.time + 1_001
    answer("absent")
    #expect(
      ask(doubting, Self.one) == [[Inquirer.Reply(finding: Finding(overview: "one"), expires: clock.time + 1_000)]])
    clock.time = clock.time + 1_001
    #expect(ask(inquirer(StubUpstream(name: "a")), Self.one)[0][0].finding.isEmpty)
  }

  @Test func `all providers are asked about all subjects at the same time, and each question once`() {
    let inquirer = inquirer(
      StubUpstream(name: "a"), StubUpstream(name: "b", kind: .theAudioDB), StubUpstream(name: "c", kind: .wikipedia))
    fetcher.script = { .success(.text($0.url)) }
    let replies = ask(inquirer, Self.one, Self.two, Self.one)
    #expect(fetcher.requests.count == 6)
    #expect(fetcher.width == 6)
    #expect(
      replies.map { $0.map(\.finding.overview) } == [
        ["a/\(Self.one)", "b/\(Self.one)", "c/\(Self.one)"], ["a/\(Self.two)", "b/\(Self.two)", "c/\(Self.two)"],
        ["a/\(Self.one)", "b/\(Self.one)", "c/\(Self.one)"],
      ])
  }

  @Test func `one provider's failing costs nothing of the others`() {
    let inquirer = inquirer(StubUpstream(name: "a"), StubUpstream(name: "b", kind: .theAudioDB))
    fetcher.script = { $0.url.hasPrefix("a") ? .failure(.unreachable) : .success(.text("b")) }
    let reply = ask(inquirer, Self.one)[0]
    #expect(reply.map(\.shortfall) == [.failed, nil])
    #expect(reply[1].finding.overview == "b")
  }

  @Test func `a step that follows from an answer is taken`() {
    let inquirer = inquirer(StubUpstream(name: "a"))
    fetcher.script = { $0.url.hasSuffix("/more") ? .success(.text("all")) : .success(.text("more")) }
    #expect(ask(inquirer, Self.one)[0][0].finding.overview == "all")
    #expect(fetcher.requests.count == 2)
  }

  @Test func `a last resort is asked when the others have nothing, after they have said so`() {
    let inquirer = inquirer(
      StubUpstream(name: "last", kind: .commons, isLastResort: true), StubUpstream(name: "a"))
    fetcher.script = { $0.url.hasPrefix("a") ? .success(.text("absent")) : .success(.text("last")) }
    let replies = ask(inquirer, Self.one)[0]
    #expect(replies.map(\.finding.overview) == ["last", ""])
    #expect(fetcher.requests.map(\.url) == ["a/\(Self.one)", "last/\(Self.one)"])
    answer("something")
    let enough = ask(inquirer, Self.two)[0]
    #expect(enough.map(\.shortfall) == [nil, nil], "what was not needed is not missing")
    #expect(fetcher.requests.count == 3)
  }

  @Test func `over the limit a provider counts as unavailable`() {
    let inquirer = inquirer(StubUpstream(name: "a"), limiter: .pool)
    answer("one")
    #expect(ask(inquirer, Self.one, Self.two).map { $0[0].shortfall } == [nil, .rateLimited])
    clock.time = clock.time + 1
    #expect(ask(inquirer, Self.one, Self.two).map { $0[0].shortfall } == [nil, nil])
  }

  @Test func `one that keeps failing is not asked, until the time for a probe that no client waits for`() {
    let inquirer = inquirer(StubUpstream(name: "a"))
    fetcher.script = { _ in .failure(.unreachable) }
    for _ in 0..<5 { #expect(ask(inquirer, Self.one)[0][0].shortfall == .failed) }
    #expect(ask(inquirer, Self.one)[0][0].shortfall == .unavailable(isWorthProbing: false))
    #expect(fetcher.requests.count == 5)
    clock.time = clock.time + 30
    answer("one")
    #expect(ask(inquirer, Self.one)[0][0].shortfall == .unavailable(isWorthProbing: true))
    #expect(fetcher.requests.count == 5)
    #expect(ask(inquirer, Self.one, awaited: false)[0][0].shortfall == nil)
    #expect(ask(inquirer, Self.two)[0][0].shortfall == nil)
  }

  @Test func `within one batch, too, one that keeps failing is given up`() {
    let inquirer = inquirer(StubUpstream(name: "a"))
    fetcher.script = { $0.url.hasSuffix("/more") ? .failure(.unreachable) : .success(.text("more")) }
    let ids = (0..<50).map { MBID(high: 1, low: $0) }
    _ = inquirer.ask(
      about: ids.map { Subject(kind: .artist, id: $0, links: []) }, by: .after(milliseconds: 1_000, awaited: false))
    #expect(fetcher.requests.filter { $0.url.hasSuffix("/more") }.count <= 50)
    #expect(ask(inquirer, Self.one)[0][0].shortfall == .unavailable(isWorthProbing: false))
  }

  @Test func `a provider that asks to be left alone is, by all, for as long as it says`() {
    let (one, other) = (inquirer(StubUpstream(name: "a")), inquirer(StubUpstream(name: "a")))
    fetcher.script = { _ in .success(HTTPResponse(status: 429, retryAfter: 500, body: [])) }
    #expect(ask(one, Self.one)[0][0].shortfall == .failed)
    answer("one")
    clock.time = clock.time + 499
    #expect(ask(other, Self.two)[0][0].shortfall == .unavailable(isWorthProbing: false))
    clock.time = clock.time + 1
    #expect(ask(other, Self.two)[0][0].shortfall == nil)
  }

  @Test func `when time is up nothing more is asked`() {
    let inquirer = inquirer(StubUpstream(name: "a"))
    answer("one")
    let replies = inquirer.ask(
      about: [Subject(kind: .artist, id: Self.one, links: [])], by: .after(milliseconds: 0))
    #expect(replies[0][0].shortfall == .timedOut)
    #expect(fetcher.requests.isEmpty)
  }

  @Test func `what is under another's key is not taken for an answer`() {
    let question = Question(.wikipedia, named: "Q1")
    let other = Finding(overview: "Q2's").document(named: "Q2", expires: clock.time + 10)
    #expect(Finding(other, named: "Q2")?.overview == "Q2's")
    #expect(Finding(other, named: question.name) == nil)
    #expect(Finding(Document(parts: [], expires: clock.time), named: "Q1") == nil)
  }
}
