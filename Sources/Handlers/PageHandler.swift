internal import Cache
internal import Core
internal import Documents
internal import Logging
internal import Metadata
internal import Page
internal import Search

/// What people see in a browser, beside `/`: `GET /ui/search?q=`, `/ui/artist/{mbid}`, `/ui/album/{mbid}`, and
/// `POST …/refresh`, which their forms send; and what the pages are made with, `/ui/app.css`, `/ui/app.js`,
/// `/ui/icon.svg`.
///
/// They show what clients get: each reads the answer of the route that clients ask.
struct PageHandler {
  let artists: ArtistHandler
  let albums: AlbumHandler
  let searches: SearchHandler
  let refreshes: RefreshHandler
  let options: PageOptions
  let logger: Logger

  /// More albums than anybody looks at before asking for one.
  private static let mostCovers = 120
  private static let mostHits = 20
  /// As long as the field is.
  private static let longestQuery = 200

  var routes: [Router.Route] {
    [
      Router.Route("GET", "ui/search", search),
      Router.Route("GET", "ui/artist/*") { request, open in
        page(request, again: ["ui", "artist", open[0]]) { layout throws(Failure) in
          try artist(request, open, layout)
        }
      },
      Router.Route("GET", "ui/album/*") { request, open in
        page(request, again: ["ui", "album", open[0]]) { layout throws(Failure) in
          try album(request, open, layout)
        }
      },
      Router.Route("POST", "ui/artist/*/refresh") { request, open in
        refresh(request, .artist, open[0]) { .artist($0) }
      },
      Router.Route("POST", "ui/album/*/refresh") { request, open in
        refresh(request, .album, open[0]) { .album($0) }
      },
      Router.Route("GET", "ui/*", asset),
    ]
  }

  // MARK: - Pages

  private func artist(_ request: Request, _ open: [String], _ layout: Layout) throws(Failure) -> [UInt8] {
    let artist = try json(of: try artists.get(request, open))
    let ids = artist["Albums"].elements.sorted { isAlbum($0) && !isAlbum($1) }
      .prefix(PageHandler.mostCovers).compactMap { $0["Id"].text.flatMap { MBID($0) } }
    var covers: [String: String] = [:]
    for (id, url) in artists.catalog.storedCovers(of: Array(ids)) { covers["\(id)"] = url }
    return layout.artist(artist, covers: covers, refreshing: refreshing, notice: notice(request))
  }

  private func isAlbum(_ album: JSONValue) -> Bool { album["Type"].text == "Album" }

  private func album(_ request: Request, _ open: [String], _ layout: Layout) throws(Failure) -> [UInt8] {
    layout.album(try json(of: try albums.get(request, open)), refreshing: refreshing, notice: notice(request))
  }

  private func search(_ request: Request, _ open: [String]) -> Response {
    let typed = request.query["q"] ?? ""
    let text = String(String.UnicodeScalarView(typed.unicodeScalars.prefix(PageHandler.longestQuery)))
    return page(request, query: text, again: ["ui", "search"]) { layout throws(Failure) in
      guard text.utf8.contains(where: { $0 > 0x20 }) else { return layout.emptySearch() }
      let question = Query("query=\(PercentEncoding.encoded(text))&limit=\(PageHandler.mostHits)")
      return layout.search(text, hits: try json(of: try searches.list(.everything, request, question)))
    }
  }

  private func notice(_ request: Request) -> String? {
    request.query["refreshed"] == nil ? nil : "MusicBrainz has been asked again. This is what it says."
  }

  private var refreshing: Layout.Refreshing {
    switch artists.limits.refreshing {
    case .anybody: .anybody
    case .key: .key
    case .nobody: .nobody
    }
  }

  // MARK: - Refreshing

  /// A form without a script. The browser says that it is a page of this server that sends it.
  private func refresh(
    _ request: Request, _ kind: Entity.Kind, _ text: String, _ entity: (MBID) -> EntityID
  ) -> Response {
    let path = ["ui", kind.rawValue, text]
    do throws(Failure) {
      let id = try MBID.required(text)
      guard request.visitor?.isFromHere ?? false else { throw .foreign }
      let form = Query(String(decoding: try request.body.bytes(limit: 4_096), as: UTF8.self))
      _ = try refreshes.refresh(entity(id), request, key: form["key"])
      let target = Address(root(request, depth: path.count + 1), path, query: [("refreshed", "1")])
      return Response(status: 303, .none, caching: .never, location: target.text)
    } catch {
      return failure(error, request.layout(depth: path.count + 1, options.images), again: path, query: "")
    }
  }

  private func root(_ request: Request, depth: Int) -> Root { Root(target: request.visitor?.target, depth: depth) }

  // MARK: - Answers

  /// - Parameter again: the segments of the page's own path.
  private func page(
    _ request: Request, query: String = "", again path: [String],
    _ make: (Layout) throws(Failure) -> [UInt8]
  ) -> Response {
    let layout = request.layout(depth: path.count, options.images)
    do throws(Failure) {
      return .page(try make(layout), options.images, sendsForms: path.count > 2)
    } catch {
      return failure(error, layout, again: path, query: query)
    }
  }

  /// The same status and reason that a client gets.
  private func failure(_ failure: Failure, _ layout: Layout, again path: [String], query: String) -> Response {
    if case .source(let reason) = failure { logger.error("no answer", metadata: ["reason": "\(reason)"]) }
    let answer = Response(failure)
    var told = JSONValue.null
    if case .json(let bytes) = answer.payload { told = JSONValue(bytes) ?? .null }
    let address = Address(layout.root, path, query: query.isEmpty ? [] : [("q", query)])
    let reason = told["error"].text ?? ""
    let html =
      switch failure {
      case .queued(let place, let seconds):
        layout.message(
          title: "It is being put together",
          "Number \(place) of those that wait; it takes about \(seconds) seconds. It goes on without this page.",
          query: query, again: (seconds, address))
      case .invalidUUID:
        layout.message(
          title: "This is no id", "An id of MusicBrainz has 32 digits and letters from a to f.", query: query)
      case .notFound: layout.message(title: reason, "MusicBrainz knows nothing under this id.", query: query)
      case .unauthorized:
        layout.message(title: "This key does not fit", "Nothing was changed.", query: query, again: (nil, address))
      case .foreign, .forbidden, .badParameter, .bodyTooLong, .refused:
        layout.message(title: "This was not understood", "\(reason).", query: query)
      case .source, .provider, .notQueued:
        layout.message(
          title: "Not to be had just now", "\(reason).", query: query, again: (answer.retryAfter, address))
      }
    var response = Response.page(html, status: answer.status, options.images)
    response.retryAfter = answer.retryAfter
    return response
  }

  private func json(of response: Response) throws(Failure) -> JSONValue {
    switch response.payload {
    case .json(let bytes): return JSONValue(bytes) ?? .null
    case .body(let body):
      let text = OutputBuffer()
      if body.appendPlain(to: text), let json = JSONValue(text.bytes) { return json }
    case .none, .text: break
    }
    throw .source(SourceError(.failed, "a stored document is damaged"))
  }

  // MARK: - What pages are made with

  private static let assets = Asset.all.map { asset in (asset, Fragment(asset.bytes)) }

  private func asset(_ request: Request, _ open: [String]) -> Response {
    guard let (asset, fragment) = PageHandler.assets.first(where: { open[0].isExactly($0.0.name) }) else {
      let layout = request.layout(depth: 2, options.images)
      return .page(
        layout.message(title: "There is no such page", "It may have been at another address."), status: 404,
        options.images)
    }
    // Only under the address that names the content is it the same for ever.
    let isNamed = request.query["v"].map { $0.isExactly(asset.version) } ?? false
    var response = Response(.body(Body([fragment])), caching: isNamed ? .forever : .none)
    response.type =
      switch asset.kind {
      case .style: .css
      case .script: .javaScript
      case .icon: .svg
      }
    response.extraHead = "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'\r\n"
    return response
  }
}
