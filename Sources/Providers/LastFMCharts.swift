internal import Core
internal import HTTP
internal import Metadata
internal import Settings

/// Last.fm's most heard artists and albums, everybody's or a user's.
struct LastFMCharts: ChartPublisher {
  let name = "lastfm"
  let service: HTTPService
  let limit: Int?
  private let baseURL: String
  private let apiKey: String?

  init(_ settings: Settings) {
    self.init(
      baseURL: settings.lastFM.baseURL, apiKey: settings.lastFM.apiKey?.value, limit: settings.rateLimit.lastFM)
  }

  /// - Parameter apiKey: nil: it is not asked.
  init(baseURL: String, apiKey: String?, limit: Int? = nil) {
    self.baseURL = baseURL
    self.apiKey = apiKey
    self.limit = limit
    service = HTTPService(
      origins: Set([Origin(of: baseURL)].compactMap(\.self)))
  }

  func publishes(_ chart: ChartName) -> Bool { chart.publisher == "lastfm" && chart.selection == "top" }

  func request(_ chart: ChartName) -> HTTPRequest? {
    guard let apiKey else { return nil }
    let method =
      switch (chart.content, chart.user) {
      case (.album, nil): "tag.gettopalbums&tag=all"
      case (.artist, nil): "chart.gettopartists"
      case (.album, let user?): "user.gettopalbums&user=\(URLText.encoded(user))"
      case (.artist, let user?): "user.gettopartists&user=\(URLText.encoded(user))"
      }
    return HTTPRequest(
      "\(baseURL)/?method=\(method)&api_key=\(URLText.encoded(apiKey))&limit=\(chart.count * 2)&format=json")
  }

  func entries(in answer: HTTPResponse, of chart: ChartName) throws(UpstreamError) -> [ChartEntry] {
    // Errors come with status 200, too.
    if let json = JSONValue(answer.utf8Body), let code = json["error"].int {
      // A user who does not exist hears nothing.
      if code == 6, chart.user != nil { return [] }
      throw .overloaded
    }
    let json = try answer.json()
    let (list, member) =
      chart.content == .album ? (json["topalbums"], "album") : (LastFMCharts.artists(json), "artist")
    guard list.isObject else { throw .malformed }
    // One hit comes without the list around it.
    let items = list[member].isObject ? [list[member]] : list[member].elements
    return items.compactMap { item in
      guard let name = item["name"].name else { return nil }
      let id = item["mbid"].text.flatMap { MBID($0) }
      if chart.content == .artist { return ChartEntry(title: nil, artist: name, artistID: id) }
      return ChartEntry(title: name, artist: item["artist"]["name"].name ?? "", albumID: id)
    }
  }

  private static func artists(_ json: JSONValue) -> JSONValue {
    json["artists"].isObject ? json["artists"] : json["topartists"]
  }
}
