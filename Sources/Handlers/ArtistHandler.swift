internal import Cache
internal import Core
internal import Metadata

/// `GET /artist/{mbid}?primTypes=Album|EP&secTypes=Studio&releaseStatuses=Official`.
struct ArtistHandler {
  let catalog: Catalog
  let limits: Limits

  var routes: [Router.Route] {
    [Router.Route("GET", "artist/*", get)]
  }

  func get(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    let id = try MBID.required(open[0])
    let filter = AlbumFilter(
      primaryTypes: request.query.list("primTypes"), secondaryTypes: request.query.list("secTypes"),
      statuses: request.query.list("releaseStatuses"))
    let answer = try limits.awaited(request) {
      [CacheKey(.artistAlbums, id)]
    } _: { deadline throws(SourceError) in
      try catalog.artist(id, albums: filter, by: deadline)
    }
    guard let body = answer.body else {
      throw .notFound("Artist not found", seconds: max(0, answer.expires - .now))
    }
    return Response(body, expires: answer.expires, now: .now)
  }
}

extension Query {
  private static let longestName = 100

  /// A `|`-separated allow-list; nil when it is missing or empty, which both mean "all".
  fileprivate func list(_ name: String) -> Set<String>? {
    guard let text = self[name], !text.isEmpty else { return nil }
    // Nothing has a longer name; and to compare or hash characters of many marks takes long.
    let names = text.utf8.split(separator: UInt8(ascii: "|")).filter { $0.count <= Query.longestName }
    return Set(names.map { String(decoding: $0, as: UTF8.self) })
  }
}
