public import Core
internal import HTTP
public import Metadata
public import Settings

/// All charts, by who publishes them.
public final class Charts: ChartSource {
  private let publishers: [any ChartPublisher]
  private let client: ProviderClient

  /// Every publisher there is, a line each. All else about one is in its own file.
  static func publishers(_ settings: Settings) -> [any ChartPublisher] {
    [
      AppleCharts(settings),
      BillboardCharts(settings),
      LastFMCharts(settings),
    ]
  }

  public convenience init(_ settings: Settings, client: ProviderClient) {
    self.init(Charts.publishers(settings), client: client)
  }

  init(_ publishers: [any ChartPublisher], client: ProviderClient) {
    self.publishers = publishers
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

/// Who publishes charts: what is requested for one, and what the answer says. Pure.
protocol ChartPublisher: Sendable {
  var name: String { get }
  var service: HTTPService { get }
  /// How many requests it takes in RATE_LIMIT_WINDOW; nil where it has no number of its own.
  var limit: Int? { get }
  func publishes(_ chart: ChartName) -> Bool
  /// nil where what that takes is not configured.
  func request(_ chart: ChartName) -> HTTPRequest?
  func entries(in answer: HTTPResponse, of chart: ChartName) throws(UpstreamError) -> [ChartEntry]
}

extension ChartPublisher {
  var limit: Int? { nil }
}
