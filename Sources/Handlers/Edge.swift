internal import Core

/// What the nginx of `deploy/nginx` does in front of the pool, for where there is none: CORS, limits for each client,
/// and errors that are never more than the client survives.
public struct Edge {
  private let crossOrigin: CrossOrigin
  private let limit: ClientLimit?
  private let exposure: Exposure

  /// - Parameters:
  ///   - origins: the sites whose pages may read answers; `*`: all.
  ///   - limit: nil for none.
  ///   - isExposed: whether a web server that hands out this directory hands out what nobody may read.
  public init(origins: [String], limit: ClientLimit?, isExposed: @escaping (String) -> Bool = { _ in false }) {
    crossOrigin = CrossOrigin(origins: origins)
    self.limit = limit
    exposure = Exposure(isExposed)
  }

  /// - Parameters:
  ///   - path: the path without what the routes are mounted under.
  ///   - route: answers the request.
  func respond(
    to request: Request, of client: DirectClient, path: ArraySlice<String>, _ route: () -> Response
  ) -> Response {
    var response = answer(request, client, path, route)
    if let forgiven = Edge.forgiven(response.status, path) { response = forgiven }
    response.crossOriginHead = crossOrigin.head(for: client.origin, isPreflight: request.method == "OPTIONS")
    return response
  }

  private func answer(
    _ request: Request, _ client: DirectClient, _ path: ArraySlice<String>, _ route: () -> Response
  ) -> Response {
    if let status = client.refusal { return Edge.error(status) }
    if let root = client.documentRoot, exposure.isFound(below: root) { return Edge.error(500) }
    guard request.method != "OPTIONS" else {
      return Response(status: 204, .none, caching: .none, allow: Edge.methods)
    }
    if let limit, !Edge.isNeverRefused(path), let network = client.address.flatMap({ ClientNetwork(address: $0) }),
      let seconds = limit.refusal(of: network, isForgetting: Edge.isForgetting(request.method, path))
    {
      return Edge.error(429, retryAfter: seconds)
    }
    if let length = request.body.declaredLength, length > RequestBody.longest { return Edge.error(413) }
    return route()
  }

  // MARK: - Routes that nginx treats differently, too

  /// Whether the client loses more by an error than an answer. After an error of `/recent/*` it never asks again for the
  /// changes of that time; one of `/search/fingerprint` ends a whole import.
  private static func isNeverRefused(_ path: ArraySlice<String>) -> Bool {
    isRecent(path) || isFingerprint(path)
  }

  private static func isRecent(_ path: ArraySlice<String>) -> Bool {
    path.count >= 2 && path[path.endIndex - 2].isExactly("recent")
      && (path[path.endIndex - 1].isExactly("artist") || path[path.endIndex - 1].isExactly("album"))
  }

  private static func isFingerprint(_ path: ArraySlice<String>) -> Bool {
    path.count >= 2 && path[path.endIndex - 2].isExactly("search") && path[path.endIndex - 1].isExactly("fingerprint")
  }

  private static func isForgetting(_ method: String, _ path: ArraySlice<String>) -> Bool {
    guard let last = path.last else { return false }
    return last.isExactly("invalidate") || (method == "POST" && last.isExactly("refresh"))
  }

  /// What such a route answers in place of an error that is not the caller's own.
  private static func forgiven(_ status: Int, _ path: ArraySlice<String>) -> Response? {
    guard status == 429 || status >= 500 else { return nil }
    if isRecent(path) { return .changesUnknown(since: .now) }
    if isFingerprint(path) { return Response(.json(Array("[]".utf8)), caching: .none) }
    return nil
  }

  /// The answer to a request that the application cannot even begin to deal with.
  public static func failure(for request: Request?) -> Response {
    forgiven(500, request?.path[...] ?? []) ?? .internalError
  }

  // MARK: - Errors of the web server

  private static let methods = "GET, HEAD, POST, OPTIONS"

  /// As `deploy/nginx/http.conf.in` has them.
  private static func error(_ status: Int, retryAfter: Int? = nil) -> Response {
    .error(
      status, message(status), allow: status == 405 ? methods : nil,
      retryAfter: retryAfter ?? (status == 504 ? 30 : [502, 503].contains(status) ? 5 : nil))
  }

  private static func message(_ status: Int) -> String {
    switch status {
    case 400: "Bad request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not found"
    case 405: "Method not allowed"
    case 408: "Request timed out"
    case 411: "Length required"
    case 413: "Request body too large"
    case 414: "URI too long"
    case 416: "Range not satisfiable"
    case 421: "Misdirected request"
    case 429: "Too many requests"
    case 431: "Request header too large"
    case 500: "Internal server error"
    case 501: "Not implemented"
    case 502, 503: "Service unavailable"
    case 504: "Timed out"
    case 505: "HTTP version not supported"
    default: "Request failed"
    }
  }
}
