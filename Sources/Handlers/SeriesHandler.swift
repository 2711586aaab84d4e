internal import Core
internal import Search

/// `GET /series/{mbid}`: the albums in a series. One that does not exist has none.
struct SeriesHandler {
  let search: SearchCatalog
  let limits: Limits

  var routes: [Router.Route] { [Router.Route("GET", "series/*", get)] }

  private func get(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    let id = try MBID.required(open[0])
    let answer = try limits.deadlined { deadline throws(SourceError) in try search.series(id, by: deadline) }
    return Response(answer.body, expires: answer.expires, now: .now)
  }
}
