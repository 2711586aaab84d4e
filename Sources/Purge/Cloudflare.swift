internal import Core
internal import HTTP

/// How purges are asked for.
public enum PurgeMethod: Sendable {
  /// By prefix, and by URL where the zone's plan does not allow prefixes.
  case automatic
  case prefix
  case url
}

/// Cloudflare's API, as far as purging goes. Pure: it makes requests and reads answers.
public struct Cloudflare: Sendable {
  public struct Options: Sendable {
    public var zone: String
    /// Headers that say who asks. Secret.
    public var credentials: [String]
    public var apiURL: String
    /// How many URLs a request may name.
    public var batch: Int

    public init(zone: String, credentials: [String], apiURL: String, batch: Int) {
      self.zone = zone
      self.credentials = credentials
      self.apiURL = apiURL
      self.batch = batch
    }
  }

  /// One of the two ways to name what is to be purged.
  enum Form: String {
    /// `host/path`: everything that begins so, whatever its query.
    case prefixes
    /// Single URLs, with their queries.
    case files
  }

  enum Outcome: Equatable {
    case purged
    /// After so many seconds it may be asked again.
    case throttled(Int)
    /// The zone, the token, or what the token may do, is not what it should be: no request will fare better.
    case unauthorised(String)
    /// It does not take such a request.
    case refused(String)
    /// It may take the same request later.
    case failed(String)
  }

  let service: HTTPService
  private let options: Options

  /// 100 for every plan.
  private static let mostPrefixes = 100
  private static let timeoutMilliseconds = 15_000
  /// Where "too many requests" comes without a time.
  private static let defaultPause = 60
  private static let longestPause = 3_600
  private static let throttlingCode = 971

  public init(_ options: Options) {
    self.options = options
    var service = HTTPService(
      origins: Set([Origin(of: options.apiURL)].compactMap(\.self)), connections: 1,
      timeoutMilliseconds: Cloudflare.timeoutMilliseconds)
    service.outlivesClients = false
    self.service = service
  }

  func most(_ form: Form) -> Int { form == .prefixes ? Cloudflare.mostPrefixes : max(1, options.batch) }

  func request(_ form: Form, _ names: [String]) -> HTTPRequest {
    var json = JSONWriter(reservingCapacity: 64 + names.count * 100)
    json.raw("{")
    json.string(form.rawValue)
    json.raw(":")
    json.strings(names)
    json.raw("}")
    return HTTPRequest(
      "\(options.apiURL)/zones/\(URLText.encoded(options.zone))/purge_cache",
      headers: ["Content-Type: application/json"] + options.credentials, form: json.bytes)
  }

  func outcome(_ result: Result<HTTPResponse, FetchError>) -> Outcome {
    switch result {
    case .failure(let error): return .failed("\(error)")
    case .success(let answer): return outcome(answer)
    }
  }

  private func outcome(_ answer: HTTPResponse) -> Outcome {
    let json = JSONValue(answer.body) ?? .null
    let codes = json["errors"].elements.compactMap { $0["code"].int }
    // The words may repeat what was sent.
    let reason =
      "status \(answer.status)" + (codes.isEmpty ? "" : ", code \(codes.map(String.init).joined(separator: ", "))")
    if answer.status == 429 || codes.contains(Cloudflare.throttlingCode) {
      return .throttled(min(max(1, answer.retryAfter ?? Cloudflare.defaultPause), Cloudflare.longestPause))
    }
    switch answer.status {
    case 200 where json["success"].isTrue: return .purged
    case 401, 403, 404: return .unauthorised(reason)
    case 200 where json["success"] == .boolean(false), 400..<500: return .refused(reason)
    default: return .failed(reason)
    }
  }
}
