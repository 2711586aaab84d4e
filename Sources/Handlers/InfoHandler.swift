public import Core
internal import Glibc

/// `GET /`: who answers, and how current its data is; and `GET /health`: each part that it depends on.
///
/// Both are never cached and never fail: a part that is away is what they are there to tell.
final class InfoHandler {
  private let build: BuildInfo
  private let components: [Component]
  private let vintage: () -> String?
  private var lastVintage: (text: String?, at: UInt64)?

  /// How long the time of the last replicated change is believed, in nanoseconds: monitors ask often.
  private static let vintageLifetime: UInt64 = 60 * 1_000_000_000

  init(build: BuildInfo, components: [Component], vintage: @escaping () -> String?) {
    self.build = build
    self.components = components
    self.vintage = vintage
  }

  var routes: [Router.Route] {
    [
      Router.Route("GET", "") { [self] _, _ in info() },
      Router.Route("GET", "health") { [self] _, _ in health() },
    ]
  }

  private func info() -> Response {
    let vintage = currentVintage()
    var json = JSONWriter()
    json.raw(#"{"version":"#)
    json.string(build.version)
    json.raw(#","branch":"#)
    json.string(build.branch)
    json.raw(#","commit":"#)
    json.string(build.commit)
    json.raw(#","replication_date":"#)
    json.string(vintage)
    json.raw(#","status":"#)
    // How old the data is, the date above tells.
    json.string(Health(components.map { $0.check() }, heedingNotices: false).rawValue)
    json.raw(#","timestamp":"#)
    json.string(UnixTime.now.iso8601)
    json.raw("}")
    return Response(.json(json.bytes), caching: .none)
  }

  private func health() -> Response {
    let states = components.map { ($0, $0.check()) }
    let overall = Health(states.map(\.1), heedingNotices: true)
    var json = JSONWriter()
    json.raw(#"{"status":"#)
    json.string(overall.rawValue)
    json.raw(#","version":"#)
    json.string(build.version)
    json.raw(#","timestamp":"#)
    json.string(UnixTime.now.iso8601)
    json.raw(#","components":{"#)
    for (index, (component, state)) in states.enumerated() {
      if index > 0 { json.raw(",") }
      json.string(component.name)
      json.raw(#":{"status":"#)
      json.string(state.isUp ? "up" : "down")
      json.raw(#","detail":"#)
      json.string(state.notice.map { "\(state.detail), \($0)" } ?? state.detail)
      for (name, number) in state.figures {
        json.raw(",")
        json.string(name)
        json.raw(":")
        json.integer(number)
      }
      json.raw("}")
    }
    json.raw("}}")
    return Response(
      status: overall == .unhealthy ? 503 : 200, .json(json.bytes), caching: .none,
      retryAfter: overall == .unhealthy ? 5 : nil)
  }

  private func currentVintage() -> String? {
    let now = Deadline.monotonicNanoseconds()
    if let last = lastVintage, last.text != nil, now - last.at < InfoHandler.vintageLifetime { return last.text }
    let text = vintage()
    lastVintage = (text, now)
    return text
  }
}

/// How the whole is, by how its parts are.
enum Health: String {
  case healthy
  /// Something is away or not as it should be, but what is stored can be served, or what is not can be computed.
  case degraded
  /// Nothing is left that could answer.
  case unhealthy

  init(_ states: [Component.State], heedingNotices: Bool) {
    if !states.contains(where: \.canAnswer) {
      self = .unhealthy
    } else if states.allSatisfy({ $0.isUp && (!heedingNotices || $0.notice == nil) }) {
      self = .healthy
    } else {
      self = .degraded
    }
  }
}

/// What is built into this executable, and what the deployment says it was built from.
public struct BuildInfo: Sendable {
  public var version: String
  public var branch: String?
  public var commit: String?

  public init(version: String, branch: String? = nil, commit: String? = nil) {
    self.version = version
    self.branch = branch
    self.commit = commit
  }
}

/// Something that answers depend on.
public struct Component {
  public struct State: Sendable {
    public var isUp: Bool
    /// A few words, without addresses or secrets.
    public var detail: String
    /// What is not as it should be although it is up.
    public var notice: String?
    /// Whether artists and albums can be had from it, even if all the others are away.
    public var canAnswer: Bool
    /// Whether it is down because a step of setting it up is left, which is no fault.
    public var isToBeSetUp: Bool
    /// Numbers for whoever watches it, by their names.
    public var figures: [(name: String, number: Int)] = []

    public init(
      isUp: Bool, detail: String, notice: String? = nil, canAnswer: Bool = false, isToBeSetUp: Bool = false
    ) {
      self.isUp = isUp
      self.detail = detail
      self.notice = notice
      self.canAnswer = canAnswer
      self.isToBeSetUp = isToBeSetUp
    }
  }

  public var name: String
  public var check: () -> State

  public init(_ name: String, check: @escaping () -> State) {
    self.name = name
    self.check = check
  }
}

extension UnixTime {
  /// The last second that a date with a year of four digits can tell.
  static let latest = UnixTime(seconds: 253_402_300_799)

  /// `2026-11-24T10:40:49+00:00`
  public var iso8601: String {
    // A time out of a store may be any; beyond these a year has another number of digits, or none.
    var seconds = time_t(min(max(self.seconds, 0), UnixTime.latest.seconds))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))+00:00"
  }
}
