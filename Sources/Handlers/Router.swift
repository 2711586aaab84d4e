internal import Core
internal import Metadata
internal import Logging
internal import Observe

/// Finds the route of a request and turns whatever its handler does into an answer. It never throws.
public final class Router {
  /// What a route answers with, given the segments that its pattern leaves open.
  typealias Handler = (Request, _ open: [String]) throws(Failure) -> Response

  struct Route {
    let method: String
    /// Path segments; `*` is open.
    let pattern: [String]
    /// Whether HEAD tells what GET would. Where GET changes something it does not.
    let answersHead: Bool
    let handler: Handler
    /// As what it is counted.
    let kind: RequestRoute

    /// `Route("GET", "artist/*") { … }`
    init(_ method: String, _ pattern: String, answersHead: Bool = true, _ handler: @escaping Handler) {
      self.method = method
      self.answersHead = method == "GET" && answersHead
      self.pattern = pattern.split(separator: "/").map(String.init)
      self.handler = handler
      kind = RequestRoute(pattern: self.pattern)
    }

    func match(_ path: ArraySlice<String>) -> [String]? {
      guard path.count == pattern.count else { return nil }
      var open: [String] = []
      for (segment, expected) in zip(path, pattern) {
        if expected == "*" { open.append(segment) } else if !segment.isExactly(expected) { return nil }
      }
      return open
    }
  }

  private let roots: [[String]]
  private let routes: [Route]
  private let edge: Edge?
  private let keys: ReadingKeys?
  private let activity: Activity
  private let logger: Logger
  private let distrusting: (() -> Response) -> Response

  /// - Parameters:
  ///   - roots: paths that every route is served under, besides none. The longest that fits is taken off.
  ///   - edge: what is done for clients that no nginx stands in front of; nil for nothing.
  ///   - keys: who may read; nil: everybody.
  ///   - activity: is told of the route.
  ///   - distrusting: runs what it is given with every stored document looked at first.
  init(
    roots: [String], routes: [Route], edge: Edge? = nil, keys: ReadingKeys? = nil, activity: Activity = Activity(),
    logger: Logger,
    distrusting: @escaping (() -> Response) -> Response = { $0() }
  ) {
    self.distrusting = distrusting
    self.roots = roots.map { $0.split(separator: "/").map(String.init) }
      .filter { !$0.isEmpty }
      .sorted { $0.count > $1.count }
    self.routes = routes
    self.edge = edge
    self.keys = keys
    self.activity = activity
    self.logger = logger
  }

  /// Behind which paths a key to read may stand; nil where none is asked for.
  public var keyRoots: [[String]]? { keys == nil ? nil : roots }

  /// Has every stored document looked at first: for when an answer could not be made from what is stored.
  public func respondDistrustfully(to request: Request) -> Response { distrusting { respond(to: request) } }

  public func respond(to request: Request) -> Response {
    let path = withoutRoot(request.path)
    guard let edge, let client = request.direct else { return respond(to: request, at: path) }
    return edge.respond(to: request, of: client, path: path) { respond(to: request, at: path) }
  }

  private func respond(to request: Request, at path: ArraySlice<String>) -> Response {
    guard let keys else { return respond(to: request, routedAt: path) }
    guard keys.admits(request.admission?.keys ?? []) || Router.isLiveness(path, request) else {
      return .error(401, "Unauthorized")
    }
    var response = respond(to: request, routedAt: path)
    response.isPrivate = !(request.admission?.isAskedByWebServer ?? false)
    return response
  }

  /// Whether somebody on this machine asks whether the process lives, who need not know a key for that.
  private static func isLiveness(_ path: ArraySlice<String>, _ request: Request) -> Bool {
    guard path.elementsEqual(["health", "live"], by: { $0.isExactly($1) }) else { return false }
    guard let client = request.direct else { return request.admission?.isInternal ?? false }
    return client.address.map { ClientNetwork(address: $0) == nil } ?? false
  }

  private func respond(to request: Request, routedAt path: ArraySlice<String>) -> Response {
    let method = request.method == "HEAD" ? "GET" : request.method
    var allowed: [String] = []
    for route in routes {
      guard let open = route.match(path) else { continue }
      guard method.isExactly(route.method), route.answersHead || !request.method.isExactly("HEAD") else {
        allowed += route.answersHead ? ["HEAD", route.method] : [route.method]
        continue
      }
      return run(route, request, open)
    }
    guard !allowed.isEmpty else { return .unknownRoute }
    let allow = allowed + ["OPTIONS"]
    if method == "OPTIONS" {
      return Response(status: 204, .none, caching: .none, allow: allow.sorted().joined(separator: ", "))
    }
    return .error(
      405, "Specified method is invalid for this resource", allow: allow.sorted().joined(separator: ", "))
  }

  /// What a web server sends that is not a request at all is answered with.
  public static var unreadable: Response { .unreadable }

  private func run(_ route: Route, _ request: Request, _ open: [String]) -> Response {
    activity.setRoute(route.kind)
    do throws(Failure) {
      return try route.handler(request, open)
    } catch {
      if case .source(let reason) = error {
        logger.error("no answer", metadata: ["reason": "\(reason)"])
      }
      var response = Response(error)
      // What was wrong with a body is nobody else's answer.
      if route.method != "GET" { response.caching = .none }
      return response
    }
  }

  private func withoutRoot(_ path: [String]) -> ArraySlice<String> {
    for root in roots where path.starts(with: root, by: { $0.isExactly($1) }) { return path.dropFirst(root.count) }
    return path[...]
  }
}
