public import Core
internal import Glibc
internal import Page

/// `GET /`: who answers, and how current its data is; a browser gets a page. `GET /key` is answered with nothing, where the
/// client is let in to read. They are never cached and never fail.
final class InfoHandler {
  private let build: BuildInfo
  private let watch: HealthWatch
  private let vintage: () -> String?
  private let pages: PageOptions
  /// Lets in whoever sends it to see the parts of the server; nil: nobody.
  private let key: String?
  private let standing: () -> Standing
  private var lastVintage: (text: String?, at: UInt64)?
  private var lastStanding: (standing: Standing, at: UInt64)?

  /// How long the time of the last replicated change is believed, in nanoseconds: monitors ask often.
  private static let vintageLifetime: UInt64 = 60 * 1_000_000_000
  private static let standingLifetime: UInt64 = 5 * 1_000_000_000

  init(
    build: BuildInfo, watch: HealthWatch, vintage: @escaping () -> String?, pages: PageOptions = PageOptions(),
    key: String? = nil, standing: @escaping () -> Standing = { Standing() }
  ) {
    self.standing = standing
    self.build = build
    self.watch = watch
    self.vintage = vintage
    self.pages = pages
    self.key = key
  }

  var routes: [Router.Route] {
    [
      Router.Route("GET", "") { [self] request, _ in
        var response = request.prefersPage ? home(request) : info()
        response.extraHead += "Vary: Accept\r\n"
        return response
      },
      Router.Route("GET", "key") { _, _ in Response(status: 204, .none, caching: .none) },
    ]
  }

  private func home(_ request: Request) -> Response {
    let mayKnow = request.mayLookInside(key: key)
    let report = mayKnow ? watch.look() : nil
    let overview = Overview(
      whole: Overview.Whole(rawValue: (report?.health ?? watch.health()).rawValue) ?? .degraded,
      version: build.version, commit: build.commit, vintage: currentVintage(), source: pages.source,
      since: pages.since, now: .now, address: request.browserAddress,
      parts: report?.entries.map { Overview.Part($0) }, figures: mayKnow ? pages.figures?.figures() : nil)
    return .page(request.layout(depth: 0, pages.images).home(overview), pages.images)
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
    json.string(watch.health(heedingNotices: false).rawValue)
    json.raw(#","timestamp":"#)
    json.string(UnixTime.now.iso8601)
    add(currentStanding(), to: &json)
    json.raw("}")
    return Response(.json(json.bytes), caching: .none)
  }

  private func add(_ standing: Standing, to json: inout JSONWriter) {
    for (name, number) in [
      ("replication_sequence", standing.replicationSequence), ("schema_sequence", standing.schemaSequence),
    ] {
      json.raw(",")
      json.string(name)
      json.raw(":")
      if let number { json.integer(number) } else { json.raw("null") }
    }
    json.raw(#","change_feed":"#)
    json.string(standing.feed)
    json.raw(#","invalidated_until":"#)
    json.string(standing.invalidatedUntil?.iso8601)
  }

  private func currentStanding() -> Standing {
    let now = Deadline.monotonicNanoseconds()
    if let last = lastStanding, now - last.at < InfoHandler.standingLifetime { return last.standing }
    let standing = standing()
    lastStanding = (standing, now)
    return standing
  }

  private func currentVintage() -> String? {
    let now = Deadline.monotonicNanoseconds()
    if let last = lastVintage, last.text != nil, now - last.at < InfoHandler.vintageLifetime { return last.text }
    let text = vintage()
    lastVintage = (text, now)
    return text
  }
}

extension Overview.Part {
  fileprivate init(_ entry: HealthReport.Entry) {
    self.init(
      name: entry.name, isUp: entry.state.isUp, detail: entry.state.text, advice: entry.state.advice,
      microseconds: entry.microseconds, since: entry.since, figures: entry.state.figures)
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
