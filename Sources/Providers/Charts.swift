public import Core
internal import HTTP
public import Metadata

/// All charts, by who publishes them.
public final class Charts: ChartSource {
  private let publishers: [any ChartPublisher]
  private let client: ProviderClient

  public init(_ options: ChartOptions, client: ProviderClient) {
    publishers = [
      AppleCharts(options), BillboardCharts(options), LastFMCharts(options),
    ]
    self.client = client
  }

  public func has(_ chart: ChartName) -> Bool { publishers.contains { $0.publishes(chart) } }

  public func entries(of chart: ChartName, by deadline: Deadline) throws(ServiceError) -> [ChartEntry] {
    guard let publisher = publishers.first(where: { $0.publishes(chart) }), let request = publisher.request(chart),
      let answer = client.ask(publisher.name, request, publisher.service, by: deadline)
    else { throw .unavailable }
    do throws(UpstreamError) {
      return try publisher.entries(in: answer, of: chart)
    } catch {
      throw .unavailable
    }
  }
}

public struct ChartOptions: Sendable {
  public var appleURL: String
  public var billboardURL: String
  public var lastFMURL: String
  /// nil: Last.fm is not asked.
  public var lastFMKey: String?
  public var timeoutMilliseconds: Int

  public init(
    appleURL: String, billboardURL: String, lastFMURL: String, lastFMKey: String?, timeoutMilliseconds: Int = 5_000
  ) {
    self.appleURL = appleURL
    self.billboardURL = billboardURL
    self.lastFMURL = lastFMURL
    self.lastFMKey = lastFMKey
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}

/// Who publishes charts: what is requested for one, and what the answer says. Pure.
protocol ChartPublisher: Sendable {
  var name: String { get }
  var service: HTTPService { get }
  func publishes(_ chart: ChartName) -> Bool
  /// nil where what that takes is not configured.
  func request(_ chart: ChartName) -> HTTPRequest?
  func entries(in answer: HTTPResponse, of chart: ChartName) throws(UpstreamError) -> [ChartEntry]
}

/// Apple's lists of the most played albums. There are no others any more: they stand for iTunes and for new albums, too.
struct AppleCharts: ChartPublisher {
  let name = "apple"
  let service: HTTPService
  private let baseURL: String

  init(_ options: ChartOptions) {
    baseURL = options.appleURL
    var origins = Set([Origin(of: options.appleURL)].compactMap(\.self))
    // Where the old host, which people have configured, redirects to.
    if origins.contains(where: { $0.host == "rss.applemarketingtools.com" }) {
      origins.formUnion([Origin(of: "https://rss.marketingtools.apple.com")].compactMap(\.self))
    }
    service = HTTPService(origins: origins, timeoutMilliseconds: options.timeoutMilliseconds, redirects: 1)
  }

  func publishes(_ chart: ChartName) -> Bool {
    ["apple-music", "itunes"].contains(chart.publisher) && chart.content == .album
      && ["top", "new"].contains(chart.selection)
  }

  func request(_ chart: ChartName) -> HTTPRequest? {
    // One of the lengths that there are.
    let length = [10, 25, 50, 100].first { $0 >= 4 * chart.count } ?? 100
    return HTTPRequest("\(baseURL)/us/music/most-played/\(length)/albums.json")
  }

  func entries(in answer: HTTPResponse, of chart: ChartName) throws(UpstreamError) -> [ChartEntry] {
    let json = try answer.json()
    guard json["feed"]["results"].isArray else { throw .malformed }
    return json["feed"]["results"].elements.compactMap { album in
      guard let title = album["name"].name, let artist = album["artistName"].name else { return nil }
      return ChartEntry(title: title, artist: artist)
    }
  }
}

/// Billboard's pages of the Billboard 200 and the Artist 100.
struct BillboardCharts: ChartPublisher {
  let name = "billboard"
  let service: HTTPService
  private let baseURL: String

  private static let rowMark: StaticString = "o-chart-results-list-row-container"

  init(_ options: ChartOptions) {
    baseURL = options.billboardURL
    service = HTTPService(
      origins: Set([Origin(of: options.billboardURL)].compactMap(\.self)),
      timeoutMilliseconds: options.timeoutMilliseconds, redirects: 1, longestBody: 8 << 20)
  }

  func publishes(_ chart: ChartName) -> Bool { chart.publisher == "billboard" && chart.selection == "top" }

  func request(_ chart: ChartName) -> HTTPRequest? {
    HTTPRequest("\(baseURL)/\(chart.content == .album ? "billboard-200" : "artist-100")/")
  }

  func entries(in answer: HTTPResponse, of chart: ChartName) throws(UpstreamError) -> [ChartEntry] {
    guard answer.status == 200 else { throw .status(answer.status) }
    var rest = answer.utf8Body[...]
    var entries: [ChartEntry] = []
    while let start = rest.firstRange(ofText: BillboardCharts.rowMark)?.upperBound {
      let end = rest[start...].firstRange(ofText: BillboardCharts.rowMark)?.lowerBound ?? rest.endIndex
      if let entry = BillboardCharts.entry(in: rest[start..<end], chart.content) { entries.append(entry) }
      rest = rest[end...]
    }
    // A page without rows is a challenge to prove that one is human.
    guard !entries.isEmpty else { throw .malformed }
    return entries
  }

  private static func entry(in row: ArraySlice<UInt8>, _ content: EntityID.Kind) -> ChartEntry? {
    guard let heading = HTML.text(of: "h3", marked: "id=\"title-of-a-story\"", in: row), heading.text.isName else {
      return nil
    }
    if content == .artist { return ChartEntry(title: nil, artist: heading.text) }
    // "trucate" is what the page says.
    guard let artist = HTML.text(of: "span", marked: "a-no-trucate", in: heading.rest), artist.text.isName else {
      return nil
    }
    return ChartEntry(title: heading.text, artist: artist.text)
  }
}

/// Last.fm's most heard artists and albums, everybody's or a user's.
struct LastFMCharts: ChartPublisher {
  let name = "lastfm"
  let service: HTTPService
  private let baseURL: String
  private let apiKey: String?

  init(_ options: ChartOptions) {
    baseURL = options.lastFMURL
    apiKey = options.lastFMKey
    service = HTTPService(
      origins: Set([Origin(of: options.lastFMURL)].compactMap(\.self)),
      timeoutMilliseconds: options.timeoutMilliseconds)
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
