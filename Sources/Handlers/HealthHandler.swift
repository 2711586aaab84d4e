internal import Core

/// `GET /health`: each part that answers depend on; `/health/live`: that this process answers; `/health/ready`: whether
/// clients would get answers.
///
/// All are never cached and never fail: a part that is away is what they are there to tell. The parts are for those who run
/// the server; everybody else is told how the whole is.
struct HealthHandler {
  let build: BuildInfo
  let watch: HealthWatch
  /// Lets in whoever sends it; nil: nobody.
  let key: String?

  /// In seconds.
  private static let retryAfter = 5

  var routes: [Router.Route] {
    [
      Router.Route("GET", "health") { request, _ in health(request) },
      // It asks nothing of anybody: whoever restarts a process that does not answer must not do so because of another.
      Router.Route("GET", "health/live") { _, _ in
        Response(.json(Array(#"{"status":"up"}"#.utf8)), caching: .none)
      },
      Router.Route("GET", "health/ready") { _, _ in ready() },
    ]
  }

  private func ready() -> Response {
    let health = watch.health()
    var json = JSONWriter()
    json.raw(#"{"status":"#)
    json.string(health.rawValue)
    json.raw("}")
    return response(json.bytes, health)
  }

  private func health(_ request: Request) -> Response {
    let mayKnow = request.mayLookInside(key: key)
    let report = mayKnow ? watch.look() : nil
    let health = report?.health ?? watch.health()
    var json = JSONWriter()
    json.raw(#"{"status":"#)
    json.string(health.rawValue)
    json.raw(#","version":"#)
    json.string(build.version)
    json.raw(#","timestamp":"#)
    json.string(UnixTime.now.iso8601)
    if let report {
      json.raw(#","components":"#)
      report.write(into: &json)
    }
    json.raw("}")
    return response(json.bytes, health)
  }

  private func response(_ json: [UInt8], _ health: Health) -> Response {
    let isAway = health == .unhealthy
    return Response(
      status: isAway ? 503 : 200, .json(json), caching: .none, retryAfter: isAway ? HealthHandler.retryAfter : nil)
  }
}
