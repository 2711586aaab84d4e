internal import Cache
internal import Core
internal import HTTP
internal import Metadata
internal import Settings

extension CacheKey.Kind {
  static let commons = CacheKey.Kind("commons", parts: 1...1).with { $0.isSource = true }
}

/// Wikimedia Commons: the image that Wikidata has of an artist (property P18), for those that nobody else has one of.
/// It needs no key. A broad image serves as fanart, any other as poster.
struct WikimediaCommons: Upstream {
  struct Options {
    var wikidataURL: String
    var commonsURL: String
    var connections = 1
    var timeoutMilliseconds = 2_000
    var seconds: Int64
    var limit: Int?
  }

  let name = "commons"
  let kind = CacheKey.Kind.commons
  let service: HTTPService
  let seconds: Int64
  let limit: Int?
  let isLastResort = true
  private let wikidataURL: String
  private let commonsURL: String

  /// One of the widths that Wikimedia keeps ready.
  private static let width = 1280
  private static let pixels = 1...1_000_000

  init(_ settings: Settings) {
    self.init(
      Options(
        wikidataURL: settings.wikipedia.wikidataURL, commonsURL: settings.wikipedia.commonsURL,
        connections: settings.wikipedia.maximumConnectionsPerHost,
        timeoutMilliseconds: settings.wikipedia.timeoutMilliseconds, seconds: Int64(settings.ttl.wikipedia),
        limit: settings.rateLimit.commons))
  }

  init(_ options: Options) {
    wikidataURL = options.wikidataURL
    commonsURL = options.commonsURL
    seconds = options.seconds
    limit = options.limit
    service = HTTPService(
      origins: Set([options.wikidataURL, options.commonsURL].compactMap(Origin.init(of:))),
      connections: options.connections, timeoutMilliseconds: options.timeoutMilliseconds, redirects: 1)
  }

  func question(about subject: Subject) -> Question? {
    guard subject.kind == .artist, let page = subject.links.lazy.compactMap(WikiPage.init(link:)).first(where: \.isItem)
    else { return nil }
    return Question(.commons, named: page.text)
  }

  func isNeeded(besides findings: [Finding], about subject: Subject) -> Bool {
    let kinds = Set(findings.flatMap(\.pictures).map(\.kind))
    return !kinds.contains(.poster) || !kinds.contains(.fanart)
  }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    guard let first = answers.first else {
      return .ask(
        HTTPRequest(
          "\(wikidataURL)/w/api.php?action=wbgetclaims&format=json&property=P18&entity=\(URLText.encoded(question.name))"
        ))
    }
    guard let file = try WikimediaCommons.file(in: first) else { return .absent }
    guard answers.count > 1 else {
      return .ask(
        HTTPRequest(
          "\(commonsURL)/w/api.php?action=query&format=json&formatversion=2&prop=imageinfo&iiprop=url%7Csize"
            + "&iiurlwidth=\(WikimediaCommons.width)&titles=\(URLText.encoded("File:\(file)"))"))
    }
    return try WikimediaCommons.picture(in: answers[1]).map { .found(Finding(pictures: [$0])) } ?? .absent
  }

  /// The name of the file that the item's editors prefer.
  private static func file(in answer: HTTPResponse) throws(UpstreamError) -> String? {
    let json: JSONValue
    do {
      json = try Wikidata.answer(answer)
    } catch {
      if error == .status(404), answer.status == 200 { return nil }
      throw error
    }
    let claims = json["claims"].isObject ? json["claims"] : (json["entities"].members.values.first?["claims"] ?? .null)
    // An item without any has a list where others have an object.
    guard claims.isObject || json["claims"].isArray || json["entities"].isObject else { throw .malformed }
    let values = claims["P18"].elements.filter {
      !$0["rank"].isText("deprecated") && $0["mainsnak"]["snaktype"].isText("value")
    }
    let best = values.first { $0["rank"].isText("preferred") } ?? values.first
    guard let name = best?["mainsnak"]["datavalue"]["value"].text, !name.isEmpty, name.utf8.count <= 255,
      !name.contains("|")
    else { return nil }
    return name
  }

  private static func picture(in answer: HTTPResponse) throws(UpstreamError) -> Picture? {
    let json = try Wikidata.answer(answer)
    guard json["query"]["pages"].isArray else { throw .malformed }
    let image = json["query"]["pages"][0]["imageinfo"][0]
    guard let width = image["width"].int(in: pixels), let height = image["height"].int(in: pixels) else { return nil }
    let kind: ImageKind = width * 3 >= height * 4 ? .fanart : .poster
    for field in ["thumburl", "url"] {
      // Thumbnails have been seen with a query behind them that only counts who asks.
      if let url = image[field].url, let picture = Picture(kind, String(url.prefix { $0 != "?" })) { return picture }
    }
    return nil
  }
}
