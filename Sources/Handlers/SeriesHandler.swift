internal import Core
internal import Metadata

/// `GET /series/{mbid}`: the albums in a series. One that does not exist has none.
struct SeriesHandler {
  let catalog: Catalog
  let limits: Limits

  var routes: [Router.Route] { [Router.Route("GET", "series/*", get)] }

  private func get(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    let id = try MBID.required(open[0])
    let answer = try limits.deadlined { deadline throws(SourceError) in try catalog.series(id, by: deadline) }
    return Response(answer.body, expires: answer.expires, now: .now)
  }
}
