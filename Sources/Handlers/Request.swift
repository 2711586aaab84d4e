internal import Core

/// One request, as CGI describes it (RFC 3875): what FastCGI passes as parameters and CGI as environment.
public struct Request {
  /// As sent, upper case.
  public let method: String
  /// The path's segments, percent-decoded, without empty ones: `//artist/x/` is `["artist", "x"]`, because clients are
  /// configured with and without a slash at the end and must never be redirected.
  public let path: [String]
  public let query: Query
  public let acceptsGzip: Bool
  public let ifNoneMatch: String?
  /// For how long the web server will keep the answer itself, in seconds; 0 when it keeps none.
  public let webServerCacheSeconds: Int64
  /// The directory where it keeps it, if it says so.
  public let webServerCachePath: String?
  /// What the application is mounted under, in front of ``path``.
  public let mount: [String]
  public let body: RequestBody
  /// What the client sends to be let in: `X-Api-Key`, or the original's bare `Authorization`.
  public let key: String?
  /// The client, if the application itself has to do what nginx does elsewhere.
  public let direct: DirectClient?
  /// The client's address, as the web server knows it (`REMOTE_ADDR`).
  public let address: String?
  /// nil for what clients ask for all the time, where it is not looked up.
  public let visitor: Visitor?
  /// What is looked at where not everybody may read; nil where everybody may.
  public let admission: Admission?

  /// What a client sends to be let in to read at all, and what the web server says of it.
  public struct Admission: Sendable {
    /// Every key that it has sent, wherever.
    public var keys: [String] = []
    /// Whether the web server asks for a key itself, before it answers from what it keeps.
    public var isAskedByWebServer = false
    /// Whether the web server says that the client may see how the server is inside.
    public var isInternal = false
    /// The path as it was sent, if the web server tells it.
    fileprivate var rawPath: String?

    public init(keys: [String] = [], isAskedByWebServer: Bool = false, isInternal: Bool = false) {
      self.keys = keys
      self.isAskedByWebServer = isAskedByWebServer
      self.isInternal = isInternal
    }
  }

  public init(
    method: String, path: [String], query: Query, acceptsGzip: Bool = false, ifNoneMatch: String? = nil,
    webServerCacheSeconds: Int64 = 0, webServerCachePath: String? = nil, mount: [String] = [],
    body: RequestBody = .none, key: String? = nil, direct: DirectClient? = nil, address: String? = nil,
    visitor: Visitor? = nil, admission: Admission? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.acceptsGzip = acceptsGzip
    self.ifNoneMatch = ifNoneMatch
    self.webServerCacheSeconds = webServerCacheSeconds
    self.webServerCachePath = webServerCachePath
    self.mount = mount
    self.body = body
    self.key = key
    self.direct = direct
    self.address = address
    self.visitor = visitor
    self.admission = admission
  }

  /// - Parameters:
  ///   - isScript: whether the web server has started a script for the request: it has then split off what is behind
  ///     the script's name, even if that is nothing.
  ///   - keyRoots: behind which paths a key to read may stand; nil where none is asked for.
  ///   - body: fills the space that it is given with the next bytes of the body and says with how many.
  /// - Returns: nil when there is no method, nothing that tells the path, or a length of the body that is none: not a
  ///   request that a web server makes.
  public init?(
    isScript: Bool = false, keyRoots: [[String]]? = nil, parameters: (StaticString) -> String?,
    body: ((UnsafeMutableRawBufferPointer) -> Int)? = nil
  ) {
    guard let method = parameters("REQUEST_METHOD"), !method.isEmpty else { return nil }
    guard var place = isScript ? Place(script: parameters) : Place(parameters) else { return nil }
    guard let body = RequestBody(contentLength: parameters("CONTENT_LENGTH"), source: body) else { return nil }
    let admission = keyRoots.map { Admission(parameters, &place.path, behind: $0) }
    self.init(
      method: method, path: place.path, query: Query(parameters("QUERY_STRING") ?? ""),
      acceptsGzip: Request.wantsGzip(parameters),
      ifNoneMatch: parameters("HTTP_IF_NONE_MATCH"),
      webServerCacheSeconds: parameters("LINERNOTES_CACHE_SECONDS").flatMap { Int64($0) } ?? 0,
      webServerCachePath: parameters("LINERNOTES_CACHE_PATH"),
      mount: place.mount,
      body: body,
      key: Request.isAskedForKey(method, place.path)
        ? parameters("HTTP_X_API_KEY") ?? parameters("HTTP_AUTHORIZATION") : nil,
      direct: DirectClient(parameters), address: parameters("REMOTE_ADDR"),
      visitor: method == "GET" && Visitor.isCommon(place.path)
        ? nil : Visitor(parameters, target: parameters("REQUEST_URI").flatMap { Place.sent($0) }),
      admission: admission)
  }
}

extension Request {
  /// Whether it may change something: nobody looks at the key of another.
  private static func isAskedForKey(_ method: String, _ path: [String]) -> Bool {
    method != "GET" || path.last.map { $0.isExactly("invalidate") || $0.isExactly("metrics") } ?? false
  }
}

extension Request.Admission {
  /// - Parameters:
  ///   - path: what is asked for; loses the key that stands in front of it.
  ///   - roots: what may stand before that.
  fileprivate init(_ parameters: (StaticString) -> String?, _ path: inout [String], behind roots: [[String]]) {
    // The nginx of `deploy/nginx` has cut the key off, and passes it as a parameter that no client can set.
    if let key = parameters("LINERNOTES_KEY") {
      isAskedByWebServer = true
      if !key.isEmpty { keys.append(key) }
    } else if let key = ReadingKeys.cut(from: &path, behind: roots) {
      keys.append(key)
    }
    if let key = parameters("HTTP_X_API_KEY") { keys.append(key) }
    if let header = parameters("HTTP_AUTHORIZATION") { keys.append(Request.Admission.bearer(header)) }
    isInternal = parameters("LINERNOTES_INTERNAL") == "1"
    rawPath = parameters("REQUEST_URI").map { Place.pathOnly($0) }
  }

  /// How many levels up the beginning of the last segments lies, for a redirect that does not repeat what the path
  /// begins with.
  func levels(ofLast count: Int) -> Int {
    guard let rawPath else { return count - 1 }
    var (levels, begun, isInside) = (0, 0, false)
    for byte in rawPath.utf8.reversed() {
      guard byte == UInt8(ascii: "/") else {
        if !isInside { begun += 1 }
        isInside = true
        continue
      }
      if isInside, begun == count { break }
      isInside = false
      levels += 1
    }
    return levels
  }

  /// The token of `Authorization: Bearer TOKEN`; the original's header is the bare key.
  private static func bearer(_ header: String) -> String {
    let scheme = header.utf8.prefix { $0 != UInt8(ascii: " ") }
    guard scheme.count < header.utf8.count, String(Substring(scheme)).lowercased() == "bearer" else { return header }
    return String(Substring(header.utf8[scheme.endIndex...].drop { $0 == UInt8(ascii: " ") }))
  }
}

/// What a request asks for, and what the application is mounted under in front of it.
private struct Place {
  var mount: [String] = []
  var path: [String] = []

  /// For a script, whose path is what is behind its name or its folder's: `deploy/cgi` has the web server send it
  /// whatever is asked for below its folder.
  init(script parameters: (StaticString) -> String?) {
    let script = Place.segments(of: parameters("SCRIPT_NAME") ?? "")
    let info = Place.segments(of: parameters("PATH_INFO") ?? "")
    mount = script
    path = info
    // The path as it was sent: in the others an encoded slash may be a slash, and two slashes one.
    guard let uri = parameters("REQUEST_URI"), !uri.isEmpty else { return }
    let sent = Place.segments(of: Place.pathOnly(uri)).map { PercentEncoding.decoded($0[...]) }
    if !info.isEmpty, Place.begins(sent.reversed(), with: info.reversed()) {
      mount = Array(sent.dropLast(info.count))
    } else if let prefix = [script, script.dropLast()].first(where: { Place.begins(sent, with: $0) }) {
      mount = prefix
      path = Array(sent.dropFirst(prefix.count))
    }
  }

  /// Where a web server puts the path depends on the server and its configuration. In this order: what it has split off
  /// behind a script (`PATH_INFO`); the path of the request as it was sent, without the prefix that the application
  /// is mounted under (`SCRIPT_NAME`, when that is not the whole path, as nginx's own `fastcgi_params` make it);
  /// nginx's decoded path.
  init?(_ parameters: (StaticString) -> String?) {
    let script = parameters("SCRIPT_NAME") ?? ""
    // As mod_fcgid starts one: a file, not a route.
    if script.utf8.suffix(5).elementsEqual(".fcgi".utf8) {
      self = Place(script: parameters)
    } else if let info = parameters("PATH_INFO"), !info.isEmpty {
      mount = Place.segments(of: script)
      path = Place.segments(of: info)
    } else if let uri = parameters("REQUEST_URI"), !uri.isEmpty {
      path = Place.segments(of: Place.pathOnly(uri)).map { PercentEncoding.decoded($0[...]) }
      // Where the script is all of the path there is no prefix.
      guard !script.utf8.elementsEqual(uri.utf8) else { return }
      let prefix = Place.segments(of: script)
      if !prefix.isEmpty, path.count > prefix.count, Place.begins(path, with: prefix) {
        mount = prefix
        path.removeFirst(prefix.count)
      }
    } else if let uri = parameters("DOCUMENT_URI"), !uri.isEmpty {
      path = Place.segments(of: uri)
    } else if !script.isEmpty {
      path = Place.segments(of: script)
    } else {
      return nil
    }
  }

  /// The path of a request target, as it was sent; nil where there is none.
  static func sent(_ uri: String) -> String? { uri.isEmpty ? nil : pathOnly(uri) }

  /// The request target without query, and without scheme and host where a client has sent them.
  fileprivate static func pathOnly(_ uri: String) -> String {
    let end = uri.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? uri.endIndex
    let path = uri[..<end]
    guard path.utf8.first != UInt8(ascii: "/"), let scheme = path.firstRange(of: "://") else { return String(path) }
    return String(path[scheme.upperBound...].drop { $0 != "/" })
  }

  private static func begins(_ path: [String], with prefix: [String]) -> Bool {
    path.starts(with: prefix) { $0.utf8.elementsEqual($1.utf8) }
  }

  private static func segments(of path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
  }
}

/// The parameters of a query string.
public struct Query: Equatable, Sendable {
  private struct Pair: Equatable {
    let name: String
    let value: String

    init(_ text: Substring) {
      let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) ?? text.endIndex
      name = PercentEncoding.decoded(text[..<equals], plusIsSpace: true)
      value = PercentEncoding.decoded(Substring(text.utf8[equals...].dropFirst()), plusIsSpace: true)
    }
  }

  private let pairs: [Pair]

  public init(_ text: String) {
    pairs = text.utf8.split(separator: UInt8(ascii: "&")).map { Pair(Substring($0)) }
  }

  /// The first value of the name.
  public subscript(name: String) -> String? { pairs.first { $0.name.isExactly(name) }?.value }
}
