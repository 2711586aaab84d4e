internal import Cache
internal import Core
internal import HTTP
internal import Metadata
internal import Settings

extension CacheKey.Kind {
  static let fanart = CacheKey.Kind("fanart", parts: 1...1).with { $0.isSource = true }
}

/// fanart.tv: pictures of artists and albums, by MBID. Lists come best liked first.
struct FanartTV: Upstream {
  struct Options {
    var apiKey: String
    /// A user's own key, for which pictures appear sooner.
    var personalKey: String?
    var baseURL: String
    var seconds: Int64
    var limit: Int?
    var connections = 8
    var timeoutMilliseconds = 3_000
  }

  let name = "fanart"
  let kind = CacheKey.Kind.fanart
  let service: HTTPService
  let seconds: Int64
  let limit: Int?
  private let baseURL: String
  private let apiKey: String
  private let personalKey: String?

  /// How many albums are taken from the answer about their artist. Each is stored by itself.
  private static let mostAlbums = 1_000

  /// - Returns: nil without a key.
  init?(_ settings: Settings) {
    guard let key = settings.fanart.apiKey else { return nil }
    self.init(
      Options(
        apiKey: key.value, personalKey: settings.fanart.personalKey?.value, baseURL: settings.fanart.baseURL,
        seconds: Int64(settings.ttl.fanart), limit: settings.rateLimit.fanart))
  }

  init(_ options: Options) {
    baseURL = options.baseURL
    apiKey = options.apiKey
    personalKey = options.personalKey
    seconds = options.seconds
    limit = options.limit
    service = HTTPService(
      origins: Set([Origin(of: options.baseURL)].compactMap(\.self)), connections: options.connections,
      timeoutMilliseconds: options.timeoutMilliseconds)
  }

  func question(about subject: Subject) -> Question? { Question(.fanart, subject.id) }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    guard let answer = answers.last else { return .ask(HTTPRequest(url(of: question))) }
    // The only 404 that says anything: the same status comes from a wrong path, with a page.
    if answer.status == 404, let json = JSONValue(answer.body), json["status"].isText("error") { return .absent }
    let json = try answer.json()
    guard json.isObject, json["status"].isNull else { throw .malformed }

    let albums = json["albums"].members.lazy.compactMap { id, images in
      MBID(id).map { Step.Answered(question: Question(.fanart, $0), finding: FanartTV.album(images)) }
    }
    // The answer about an album is its artist with this one album.
    if let album = albums.first(where: { $0.question == question }) { return .found(album.finding) }
    guard json["mbid_id"].text.flatMap({ MBID($0) }) == MBID(question.name) else { return .absent }
    return .found(
      FanartTV.artist(json), also: Array(albums.filter { !$0.finding.isEmpty }.prefix(FanartTV.mostAlbums)))
  }

  /// fanart.tv has been seen to answer "not found" to albums that it has pictures of.
  func doubts(absenceOf question: Question) -> Bool { true }

  private func url(of question: Question) -> String {
    let isPersonal = personalKey.map { "&client_key=\(URLText.encoded($0))" } ?? ""
    return "\(baseURL)/\(question.name)?api_key=\(URLText.encoded(apiKey))\(isPersonal)"
  }

  private static func artist(_ json: JSONValue) -> Finding {
    Finding(
      pictures: [
        best(.banner, json["musicbanner"]), best(.fanart, json["artistbackground"]),
        best(.logo, json["hdmusiclogo"]) ?? best(.logo, json["musiclogo"]), best(.poster, json["artistthumb"]),
      ].compactMap(\.self))
  }

  private static func album(_ json: JSONValue) -> Finding {
    Finding(pictures: [best(.cover, json["albumcover"]), best(.disc, json["cdart"])].compactMap(\.self))
  }

  private static func best(_ kind: ImageKind, _ images: JSONValue) -> Picture? {
    images.elements.lazy.compactMap { image in image["url"].url.flatMap { Picture(kind, $0) } }.first
  }
}
