internal import Cache
internal import Core
internal import Logging
internal import Metadata

/// `GET /recent/artist?since=1752000000` and `GET /recent/album`: what has changed since then.
///
/// The client refreshes what is listed, and everything when the list is `limited`. An error would end its scheduled
/// refresh, so that whatever goes wrong is answered as "limited", with nothing listed.
struct RecentHandler {
  let store: DocumentStore
  /// How long the list of albums may be shared, in seconds.
  let sharedSeconds: Int64
  /// Whether a list of what changed since a moment may lack something that a client will not be told later either.
  let mayLack: (UnixTime) -> Bool
  let logger: Logger

  private static let longestList = 10_000
  private static let defaultSeconds: Int64 = 2 * 86_400

  var routes: [Router.Route] {
    [
      // A new release shows in an artist's albums, a new picture in the artist.
      Router.Route("GET", "recent/artist") { request, _ throws(Failure) in
        try recent([.artist, .artistAlbums], request, caching: .none)
      },
      Router.Route("GET", "recent/album") { request, _ throws(Failure) in
        try recent([.album], request, caching: .shared(seconds: sharedSeconds))
      },
    ]
  }

  private func recent(
    _ kinds: [CacheKey.Kind], _ request: Request, caching: Response.Caching
  ) throws(Failure) -> Response {
    let since = try time(request)
    do throws(SourceError) {
      let changes = try store.changed(kinds, since: since, limit: RecentHandler.longestList)
      return Response(
        since: changes.last?.time ?? since, changes.map(\.id),
        isLimited: changes.count == RecentHandler.longestList || mayLack(since),
        caching: caching)
    } catch {
      logger.warning("recent changes are not known", metadata: ["reason": "\(error)"])
      return .changesUnknown(since: since)
    }
  }

  /// Unix seconds; what is missing or not after 1970 means two days ago.
  private func time(_ request: Request) throws(Failure) -> UnixTime {
    guard let text = request.query["since"] else { return .now + -RecentHandler.defaultSeconds }
    guard let seconds = Int64(text) else { throw .badParameter("since must be Unix seconds") }
    return seconds > 0 ? UnixTime(seconds: min(seconds, UnixTime.latest.seconds)) : .now + -RecentHandler.defaultSeconds
  }
}

extension Response {
  /// "Everything may have changed": what the client is told while nobody knows what has.
  static func changesUnknown(since: UnixTime) -> Response {
    Response(since: since, [], isLimited: true, caching: .none)
  }

  fileprivate init(since: UnixTime, _ items: [MBID], isLimited: Bool, caching: Caching) {
    var json = JSONWriter(reservingCapacity: 128 + items.count * 40)
    json.raw(#"{"since":"#)
    json.string(since.iso8601)
    json.raw(#","count":"#)
    json.integer(items.count)
    json.raw(#","limited":"#)
    json.boolean(isLimited)
    json.raw(#","items":"#)
    json.mbids(items)
    json.raw("}")
    self.init(.json(json.bytes), caching: caching)
  }
}
