internal import Core
internal import HTTP
internal import Metadata
internal import Settings

/// Billboard's pages of the Billboard 200 and the Artist 100.
struct BillboardCharts: ChartPublisher {
  let name = "billboard"
  let service: HTTPService
  private let baseURL: String

  private static let rowMark: StaticString = "o-chart-results-list-row-container"

  init(_ settings: Settings) { self.init(baseURL: settings.charts.billboardURL) }

  init(baseURL: String) {
    self.baseURL = baseURL
    service = HTTPService(
      origins: Set([Origin(of: baseURL)].compactMap(\.self)),
      redirects: 1, longestBody: 8 << 20)
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
