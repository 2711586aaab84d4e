public import Core

/// What a provider may be asked, and how much of it at once.
public struct HTTPService: Sendable {
  /// Where it lives. Nothing else is ever connected to on its behalf, wherever a link or a redirect may point.
  public var origins: Set<Origin>
  /// Connections to each origin.
  public var connections: Int
  /// How long one answer may take, where nobody waits for it.
  public var timeoutMilliseconds: Int
  /// How many redirects are followed, among the origins.
  public var redirects: Int
  /// The longest body that is read, in bytes, after decompression.
  public var longestBody: Int

  public init(
    origins: Set<Origin>, connections: Int = 4, timeoutMilliseconds: Int = 5_000, redirects: Int = 0,
    longestBody: Int = 2 << 20
  ) {
    self.origins = origins
    self.connections = connections
    self.timeoutMilliseconds = timeoutMilliseconds
    self.redirects = redirects
    self.longestBody = longestBody
  }
}

/// Scheme, host and port of a URL.
public struct Origin: Hashable, Sendable {
  public let isSecure: Bool
  /// Lower case.
  public let host: String
  public let port: Int

  /// - Returns: nil for what is not an unambiguous http or https URL. What other readers of URLs disagree about, such as
  ///   user names, backslashes and percent signs in the host, is none.
  public init?(of url: String) {
    guard url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let scheme = url.firstRange(of: "://") else {
      return nil
    }
    switch url[..<scheme.lowerBound].lowercased() {
    case "https": isSecure = true
    case "http": isSecure = false
    default: return nil
    }
    var host = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    var port = isSecure ? 443 : 80
    if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
      guard let number = Int(host[host.index(after: colon)...]), (1...65535).contains(number) else { return nil }
      port = number
      host = host[..<colon]
    }
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "["),
        UInt8(ascii: "]"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
    guard !host.isEmpty, isPlain else { return nil }
    self.host = host.lowercased()
    self.port = port
  }
}

/// A request to a provider.
public struct HTTPRequest: Equatable, Sendable {
  public var url: String
  public var headers: [String] = []
  /// A form to post; nil gets.
  public var form: [UInt8]?

  public init(_ url: String, headers: [String] = [], form: [UInt8]? = nil) {
    self.url = url
    self.headers = headers
    self.form = form
  }
}

public struct HTTPResponse: Equatable, Sendable {
  public var status: Int
  /// Lower case, with parameters; empty when there was none.
  public var contentType = ""
  /// Seconds that the provider asks to be left alone for.
  public var retryAfter: Int?
  public var body: [UInt8]

  public init(status: Int, contentType: String = "", retryAfter: Int? = nil, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.retryAfter = retryAfter
    self.body = body
  }
}

/// Why there is no answer.
public enum FetchError: Error, Equatable, Sendable {
  /// Not in time, or not all of it.
  case timedOut
  /// It never came to asking: time was up while others were asked over the same connections.
  case notStarted
  case unreachable
  case tooLarge
  /// The connection ended before the answer did.
  case truncated
  /// Whatever came was not HTTP; libcurl's number says more.
  case broken(Int)
  /// The URL, or the one it redirects to, is none that the provider is expected at.
  case refused
  /// There is no libcurl here.
  case unsupported
}

/// One request of several that run at the same time.
public struct HTTPExchange: Sendable {
  /// Tells it from the others.
  public var id: Int
  public var request: HTTPRequest
  public var service: HTTPService

  public init(id: Int, request: HTTPRequest, service: HTTPService) {
    self.id = id
    self.request = request
    self.service = service
  }
}

/// Runs requests at the same time. It never throws: whatever a server does becomes a value, by the deadline.
public protocol HTTPFetcher: AnyObject {
  /// Runs the exchanges, and those that `next` returns for each that has ended, until all have ended or the deadline
  /// has passed. `next` is called once for every exchange that was handed in; what it returns after the deadline is
  /// not run.
  func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange])
}
