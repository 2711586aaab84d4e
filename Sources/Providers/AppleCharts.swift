internal import Core
internal import HTTP
internal import Metadata
internal import Settings

/// Apple's lists of the most played albums. There are no others any more: they stand for iTunes and for new albums, too.
struct AppleCharts: ChartPublisher {
  let name = "apple"
  let service: HTTPService
  private let baseURL: String

  init(_ settings: Settings) { self.init(baseURL: settings.charts.appleURL) }

  init(baseURL: String) {
    self.baseURL = baseURL
    var origins = Set([Origin(of: baseURL)].compactMap(\.self))
    // Where the old host, which people have configured, redirects to.
    if origins.contains(where: { $0.host == "rss.applemarketingtools.com" }) {
      origins.formUnion([Origin(of: "https://rss.marketingtools.apple.com")].compactMap(\.self))
    }
    service = HTTPService(origins: origins, redirects: 1)
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
