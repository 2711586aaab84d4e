internal import Core
public import HTTP

/// Lidarr's REST API, as much of it as tells its metadata server and changes it.
public final class LidarrClient {
  public private(set) var url: BaseURL
  private let key: String
  private let trust: HTTPService.Trust
  private let fetcher: any HTTPFetcher
  private let milliseconds: Int
  /// Of `system/status`; nil before it has been asked.
  private(set) var status: JSONValue?

  /// - Parameters:
  ///   - url: with Lidarr's URL base, or without: it is found.
  ///   - milliseconds: how long one answer may take. Searches get four times as long: Lidarr awaits another server's.
  public init(
    _ url: BaseURL, key: String, trust: HTTPService.Trust, fetcher: any HTTPFetcher, milliseconds: Int = 15_000
  ) throws(LidarrFailure) {
    let isPlain = key.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != 0x5c }
    guard !key.isEmpty, isPlain else {
      throw LidarrFailure("the API key is empty, or has characters that no key has (Lidarr: Settings, General)")
    }
    self.url = url
    self.key = key
    self.trust = trust
    self.fetcher = fetcher
    self.milliseconds = milliseconds
  }

  var version: String { status?["version"].text ?? "of unknown version" }
  var isInContainer: Bool { status?["isDocker"].isTrue ?? false }

  /// Makes sure that this is Lidarr, and finds its URL base.
  func open() throws(LidarrFailure) {
    let route = "/api/v1/system/status"
    var response = try send(route)
    if let location = response.location {
      guard let base = url.base(revealedBy: location, route: route) else { throw misdirected(to: location) }
      url = base
      response = try send(route)
    }
    guard response.status != 404 else {
      throw LidarrFailure("\(url): no Lidarr is there (404 for \(route)); Sonarr and Radarr answer so as well")
    }
    let status = try object(in: response)
    guard let name = status["appName"].text, name == "Lidarr" else {
      throw LidarrFailure("\(url): this is \(status["appName"].text ?? "something else"), not Lidarr")
    }
    self.status = JSONValue(status.bytes)
  }

  /// The object that holds the address of the metadata server.
  func metadataProvider() throws(LidarrFailure) -> ObjectText {
    let response = try send("/api/v1/config/metadataprovider")
    guard response.status != 404 else {
      throw LidarrFailure("\(url): Lidarr \(version) cannot be told its metadata server (404); a newer one can")
    }
    let object = try object(in: response)
    guard let id = object["id"].int, id > 0 else {
      throw LidarrFailure("\(url): the answer of Lidarr \(version) has no id, so it is not understood and left alone")
    }
    let literal = object.literal("metadataSource") ?? []
    switch object["metadataSource"] {
    // It is saved as it is written, in a line.
    case .string where literal.allSatisfy({ $0 >= 0x20 }), .null: return object
    default: throw LidarrFailure("\(url): metadataSource of Lidarr \(version) is no text, so it is left alone")
    }
  }

  /// Puts the whole object back: what is missing would become a default.
  func put(_ object: [UInt8], id: Int) throws(LidarrFailure) {
    let response = try send(
      "/api/v1/config/metadataprovider/\(id)", headers: ["Content-Type: application/json"], body: object)
    guard !(200...299).contains(response.status) else { return }
    if response.status == 400, let faults = JSONValue(response.body), faults.isArray {
      let words = faults.elements.compactMap { $0["errorMessage"].text }
      throw LidarrFailure("Lidarr refuses the change: \(words.joined(separator: "; "))")
    }
    throw failure(of: response)
  }

  enum Search {
    case found(Int)
    case failed(String)
  }

  /// Has Lidarr search, which asks its metadata server.
  func search(_ term: String) throws(LidarrFailure) -> Search {
    let response = try send("/api/v1/search?term=\(URLText.encoded(term))", milliseconds: milliseconds * 4)
    let answer = JSONValue(response.body)
    if response.status == 200, let answer, answer.isArray { return .found(answer.elements.count) }
    guard response.status == 503, let message = answer?["message"].text else { throw failure(of: response) }
    return .failed(message)
  }

  // MARK: - Requests

  private func send(
    _ route: String, headers: [String] = [], body: [UInt8]? = nil, milliseconds: Int? = nil
  ) throws(LidarrFailure) -> HTTPResponse {
    let response = try LidarrClient.send(
      HTTPRequest(
        url.text + route, headers: ["X-Api-Key: \(key)", "Accept: application/json"] + headers, form: body,
        method: body == nil ? nil : "PUT"),
      to: url, trust: trust, fetcher, milliseconds ?? self.milliseconds)
    if response.status == 401 {
      throw LidarrFailure(
        response.body.isEmpty
          ? "\(url): Lidarr refuses the key (401); it is in Lidarr under Settings, General"
          : "\(url): 401 with a page: a proxy in front of Lidarr asks for a login of its own; go past it")
    }
    return response
  }

  static func send(
    _ request: HTTPRequest, to url: BaseURL, trust: HTTPService.Trust, _ fetcher: any HTTPFetcher, _ milliseconds: Int
  ) throws(LidarrFailure) -> HTTPResponse {
    var service = HTTPService(origins: [url.origin], timeoutMilliseconds: milliseconds, longestBody: 16 << 20)
    service.answersWithRedirects = true
    service.trust = trust
    var result = Result<HTTPResponse, FetchError>.failure(.notStarted)
    fetcher.run(
      [HTTPExchange(id: 0, request: request, service: service)],
      by: .after(milliseconds: milliseconds, awaited: false)
    ) {
      result = $1
      return []
    }
    switch result {
    case .success(let response): return response
    case .failure(let error): throw LidarrFailure("\(url): \(LidarrClient.words(error))")
    }
  }

  private static func words(_ error: FetchError) -> String {
    switch error {
    case .timedOut, .notStarted: "no answer in time"
    case .unreachable: "cannot connect: is the address right, the port, http or https, and does it run?"
    case .untrusted: "its certificate is not trusted: give --ca-file FILE, or --insecure to believe anybody's"
    case .unsupported: "libcurl cannot be opened (Debian: libcurl4)"
    case .truncated, .tooLarge, .broken, .refused: "what comes is not HTTP, or not all of it (\(error))"
    }
  }

  private func object(in response: HTTPResponse) throws(LidarrFailure) -> ObjectText {
    guard response.status == 200, let object = ObjectText(response.body) else { throw failure(of: response) }
    return object
  }

  private func failure(of response: HTTPResponse) -> LidarrFailure {
    if let location = response.location { return misdirected(to: location) }
    if let message = JSONValue(response.body)?["message"].text {
      return LidarrFailure("\(url): Lidarr answers \(response.status): \(message)")
    }
    guard response.status == 200 else { return LidarrFailure("\(url): the answer is \(response.status)") }
    return LidarrFailure(
      "\(url): the answer is a page or something else that is not understood: the URL base is not Lidarr's, or a proxy "
        + "with a login of its own is in front")
  }

  private func misdirected(to location: String) -> LidarrFailure {
    LidarrFailure(
      "\(url): redirects to \(location): if that is a login, the URL base is not Lidarr's, or a proxy is in front; if it "
        + "is Lidarr, give that as --url. The key was not sent there")
  }
}
