internal import Cache
internal import Core
internal import Documents
internal import Metadata
internal import Search

/// `GET /search?type=…` with `/search/artist`, `/search/album` and `/search/all`, and `POST /search/fingerprint`.
struct SearchHandler {
  let catalog: Catalog
  let search: SearchCatalog
  let limits: Limits

  private static let defaultLimit = 10
  /// "No limit" is not meant: every album in a list costs about what one alone costs.
  private static let mostHits = 100
  /// Texts that are no type of search are compared with none.
  private static let longestType = 20

  var routes: [Router.Route] {
    [
      Router.Route("GET", "search", byType),
      Router.Route("GET", "search/artist") { request, _ throws(Failure) in try list(.artists, request) },
      Router.Route("GET", "search/album") { request, _ throws(Failure) in try list(.albums, request) },
      Router.Route("GET", "search/all") { request, _ throws(Failure) in try list(.everything, request) },
      Router.Route("POST", "search/fingerprint", byFingerprint),
    ]
  }

  private func byType(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    guard let type = request.query["type"] else { throw .badParameter("Type not provided") }
    switch type.utf8.count > SearchHandler.longestType ? "" : type {
    case "artist": return try list(.artists, request)
    case "album": return try list(.albums, request)
    case "all": return try list(.everything, request)
    default: throw .badParameter("Unsupported search type \(type.prefix(100))")
    }
  }

  /// - Parameter query: what is asked, if that is not in the request.
  func list(_ scope: SearchRequest.Scope, _ request: Request, _ query: Query? = nil) throws(Failure) -> Response {
    let query = query ?? request.query
    let question = try SearchHandler.question(scope, query)
    // Quotes alone, or spaces: nothing is called so. The user would read an error as "unable to communicate".
    guard !question.text.isEmpty else { return Response(.json(Array("[]".utf8)), caching: .none) }
    // Only `type=album` leaves the releases out, and that only if it is not asked for them.
    let withReleases = scope != .albums || !(query["includeTracks"] ?? "").isEmpty
    var hits: [EntityID] = []
    return try limits.awaited(request) {
      catalog.unbuilt(hits)
    } _: { deadline throws(SourceError) in
      let found = try search.search(question, by: deadline)
      hits = found.hits.map(\.item)
      let entries = try catalog.entries(hits, withReleases: withReleases, by: deadline)
      if entries.objects.contains(where: { $0 == nil }) { search.forget(question) }
      let body = SearchHandler.body(entries, scores: scope == .everything ? found.hits : nil)
      return Response(body, expires: min(found.expires, entries.expires), now: .now)
    }
  }

  private func byFingerprint(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    guard let list = JSONValue(try request.body.bytes()), list.isArray else {
      throw .badParameter("A list of recording ids is needed")
    }
    var recordings: [MBID] = []
    for element in list.elements { recordings.append(try MBID.required(element.text ?? "")) }
    do throws(Failure) {
      return try limits.deadlined { deadline throws(SourceError) in
        let albums = try catalog.albums(holding: recordings, by: deadline)
        let entries = try catalog.entries(albums.map { .album($0) }, withReleases: true, by: deadline)
        return Response(.body(SearchHandler.body(entries, scores: nil)), caching: .none)
      }
    } catch {
      guard case .source = error else { throw error }
      // The client takes an error for the end of the whole import; that nothing was found it can cope with.
      return Response(.json(Array("[]".utf8)), caching: .none)
    }
  }

  // MARK: - What is asked

  /// - Returns: the question, with an empty text if nothing is left of what was typed.
  /// - Throws: what is wrong with the parameters.
  static func question(_ scope: SearchRequest.Scope, _ query: Query) throws(Failure) -> SearchRequest {
    guard let typed = query["query"], !typed.isEmpty else { throw .badParameter("No query provided") }
    let text = cleaned(typed)
    let artist = scope == .albums ? query["artist"].map(cleaned) : nil
    return SearchRequest(
      scope, text, artist: artist?.isEmpty ?? true ? nil : artist, limit: try limit(query["limit"]))
  }

  /// Control characters count as spaces, spaces between words once, and quotes around the whole not at all.
  private static func cleaned(_ text: String) -> String {
    let longest = 500
    // A character may have any number of marks.
    let text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(4 * longest)))
    var cleaned = text.prefix(longest).split { character in
      character.isWhitespace || character.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
    }.joined(separator: " ")[...]
    while cleaned.count > 1, let first = cleaned.first, let last = cleaned.last, first == "\"", last == "\"" {
      cleaned = cleaned.dropFirst().dropLast()
      cleaned = cleaned.drop { $0 == " " }
      while cleaned.last == " " { cleaned.removeLast() }
    }
    return cleaned == "\"" ? "" : String(cleaned)
  }

  private static func limit(_ text: String?) throws(Failure) -> Int {
    guard let text, !text.isEmpty else { return defaultLimit }
    let sign = text.utf8.first
    let digits = text.utf8.dropFirst(sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? 1 : 0)
    guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      throw .badParameter("limit must be a number")
    }
    // Below 1 there is no limit; what is no machine's number is far above.
    guard let number = Int(text), number >= 1 else { return mostHits }
    return min(number, mostHits)
  }

  // MARK: - The answer

  /// A list of the objects, or, with scores, of `{"score":…,"artist":…,"album":…}`.
  private static func body(
    _ entries: Catalog.Entries, scores hits: [(item: EntityID, score: Double)]?
  ) -> Body {
    var body = Body([opening])
    var isFirst = true
    for (index, object) in entries.objects.enumerated() {
      guard let object else { continue }
      if !isFirst { body.append(separator) }
      isFirst = false
      guard let hit = hits?[index] else {
        body.append(contentsOf: object)
        continue
      }
      var json = JSONWriter()
      json.raw(#"{"score":"#)
      json.integer(Int(hit.score.rounded()))
      switch hit.item {
      case .artist:
        json.raw(#","artist":"#)
        body.append(Fragment(uncompressed: json.bytes))
        body.append(contentsOf: object)
        body.append(afterArtist)
      case .album:
        json.raw(#","artist":null,"album":"#)
        body.append(Fragment(uncompressed: json.bytes))
        body.append(contentsOf: object)
        body.append(afterAlbum)
      }
    }
    body.append(closing)
    return body
  }

  private static let opening = Fragment(literal: "[")
  private static let separator = Fragment(literal: ",")
  private static let closing = Fragment(literal: "]")
  private static let afterArtist = Fragment(literal: #","album":null}"#)
  private static let afterAlbum = Fragment(literal: "}")
}
