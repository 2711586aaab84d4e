internal import Core
internal import Metadata

/// `GET /chart/{publisher}/{album|artist}/{selection}?count=10&user=name`.
struct ChartHandler {
  let directory: ChartDirectory
  let limits: Limits

  private static let defaultCount = 10
  private static let counts = 1...100

  var routes: [Router.Route] { [Router.Route("GET", "chart/*/*/*", get)] }

  private func get(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    let publisher = open[0].lowercased()
    let unknown = Failure.notFound(
      "Chart \(publisher)/\(open[1])/\(open[2]) not found", seconds: Response.badRequestSeconds)
    // No chart has a longer name, and to compare a text of combining marks takes long.
    guard open.allSatisfy({ $0.utf8.count <= 100 }), let content = EntityID.Kind(rawValue: open[1]) else {
      throw unknown
    }
    let chart = ChartName(
      publisher: publisher, content: content, selection: open[2], count: try count(request),
      user: publisher == "lastfm" ? try user(request) : nil)
    do throws(ChartDirectory.Problem) {
      let answer = try directory.chart(chart, by: .after(milliseconds: limits.requestDeadline))
      guard let body = answer.body else { throw .publisher }
      return Response(body, expires: answer.expires, now: .now)
    } catch {
      switch error {
      case .noSuchChart: throw unknown
      case .source(let reason): throw .source(reason)
      case .publisher: throw .provider("The chart's publisher")
      }
    }
  }

  /// More than there are is as many as there are; so is what was no number to the original, the default.
  private func count(_ request: Request) throws(Failure) -> Int {
    guard let text = request.query["count"] else { return ChartHandler.defaultCount }
    guard let count = Int(text) else { throw .badParameter("count must be a number") }
    return min(max(count, ChartHandler.counts.lowerBound), ChartHandler.counts.upperBound)
  }

  private func user(_ request: Request) throws(Failure) -> String? {
    guard let user = request.query["user"], !user.isEmpty else { return nil }
    let isName =
      user.utf8.count <= 64
      && user.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || "0123456789_-.".unicodeScalars.contains($0) }
    guard isName else { throw .badParameter("user must be the name of a Last.fm user") }
    return user
  }
}
