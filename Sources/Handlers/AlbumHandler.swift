internal import Cache
internal import Core
internal import Metadata

/// `GET /album/{mbid}`.
struct AlbumHandler {
  let catalog: Catalog
  let limits: Limits

  var routes: [Router.Route] {
    [Router.Route("GET", "album/*", get)]
  }

  func get(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    let id = try MBID.required(open[0])
    let answer = try limits.awaited(request) {
      [CacheKey(.album, id)]
    } _: { deadline throws(SourceError) in
      try catalog.album(id, by: deadline)
    }
    guard let body = answer.body else {
      throw .notFound("Album not found", seconds: max(0, answer.expires - .now))
    }
    return Response(body, expires: answer.expires, now: .now)
  }
}
