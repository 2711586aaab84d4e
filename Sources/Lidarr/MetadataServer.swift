internal import Core
public import HTTP

/// The metadata server that Lidarr is to ask, as far as it can be tried from here.
public struct MetadataServer {
  public let url: BaseURL
  private let trust: HTTPService.Trust
  private let fetcher: any HTTPFetcher

  public init(_ url: BaseURL, trust: HTTPService.Trust, fetcher: any HTTPFetcher) {
    self.url = url
    self.trust = trust
    self.fetcher = fetcher
  }

  /// Whether it tells what LidarrAPI.Metadata tells, and searches.
  ///
  /// - Returns: what it says of itself.
  func check(term: String) throws(LidarrFailure) -> String {
    let root = try get("/")
    guard root.status != 401 else {
      throw LidarrFailure("\(url): asks for a key. Lidarr sends one only in the address: \(url)/k/KEY")
    }
    guard root.status == 200, let answer = JSONValue(root.body), let version = answer["version"].text,
      answer.members.keys.contains("replication_date")
    else {
      throw LidarrFailure(
        "\(url): neither Linernotes nor LidarrAPI.Metadata answers there (status \(root.status)); --force goes on")
    }
    let search = try get("/search?type=all&query=\(URLText.encoded(term))")
    guard search.status == 200, JSONValue(search.body)?.isArray == true else {
      let reason = JSONValue(search.body)?["error"].text.map { ": \($0)" } ?? ""
      throw LidarrFailure("\(url): cannot search (\(search.status)\(reason)); --force goes on")
    }
    return version
  }

  private func get(_ route: String) throws(LidarrFailure) -> HTTPResponse {
    let response = try LidarrClient.send(
      HTTPRequest(url.text + route, headers: ["Accept: application/json"]), to: url, trust: trust, fetcher, 30_000)
    if let location = response.location {
      throw LidarrFailure("\(url): redirects to \(location); give the address that answers as --to")
    }
    return response
  }
}
