internal import Core
internal import Handlers
internal import Observe

extension RequestDescription {
  /// - Parameters:
  ///   - parameters: what the web server says of the request.
  ///   - activity: knows the route.
  init?(_ parameters: (StaticString) -> String?, _ activity: Activity) {
    guard let request = Request(parameters: parameters) else { return nil }
    self.init(
      method: request.method, path: Array(request.path.prefix(RequestDescription.mostSegments)),
      parameters: RequestDescription.told.compactMap { name in request.query[name].map { "\(name)=\($0)" } },
      route: activity.position.route)
  }

  private static let mostSegments = 10
  /// What a query may have that names nobody and no secret.
  private static let told = [
    "primTypes", "secTypes", "releaseStatuses", "type", "limit", "includeTracks", "since", "count",
  ]
}
