internal import Cache
internal import Core
internal import Freshness
internal import Metadata

/// `POST /artist/{mbid}/refresh`, and the same for an album and a series: what is known of it is asked for again, of
/// MusicBrainz and of the providers of pictures and overviews, by whoever asks for it next or while nobody does.
struct RefreshHandler {
  let catalog: Catalog
  let purging: (any Purging)?
  let limits: Limits

  var routes: [Router.Route] {
    [
      Router.Route("POST", "artist/*/refresh") { request, open throws(Failure) in
        try refresh(.artist(try MBID.required(open[0])), request)
      },
      Router.Route("POST", "album/*/refresh") { request, open throws(Failure) in
        try refresh(.album(try MBID.required(open[0])), request)
      },
      Router.Route("POST", "series/*/refresh", refreshSeries),
    ]
  }

  /// - Parameter key: what was sent in a form, in place of a header.
  func refresh(_ entity: EntityID, _ request: Request, key: String? = nil) throws(Failure) -> Response {
    try limits.admitRefresh(request, key: key)
    let changes = try limits.deadlined { deadline throws(SourceError) in
      try catalog.refresh(entity, by: deadline)
    }
    guard let changes else {
      throw .notFound(entity.kind == .artist ? "Artist not found" : "Album not found", seconds: 0)
    }
    try purge(changes)
    let kind: CacheKey.Kind = entity.kind == .artist ? .artistAlbums : .album
    return .refreshed(place: limits.place(of: CacheKey(kind, entity.id), request))
  }

  private func refreshSeries(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    let id = try MBID.required(open[0])
    try limits.admitRefresh(request)
    let changes = try limits.deadlined { deadline throws(SourceError) in
      try catalog.refreshSeries(id, by: deadline)
    }
    guard let changes else { throw .notFound("Series not found", seconds: 0) }
    try purge(changes)
    return .refreshed(place: nil)
  }

  /// What is purged is asked for anew by the cache in front, so not before it has been revoked.
  private func purge(_ changes: EntityChanges) throws(Failure) {
    do throws(SourceError) {
      try purging?.purge(changes)
    } catch {
      throw .source(error)
    }
  }
}

extension Response {
  /// - Parameter place: that in the queue of builds; nil where it waits in none.
  fileprivate static func refreshed(place: Int?) -> Response {
    guard let place else { return .success }
    var json = JSONWriter()
    json.raw(#"{"success":true,"place":"#)
    json.integer(place)
    json.raw("}")
    return Response(.json(json.bytes), caching: .none)
  }
}
