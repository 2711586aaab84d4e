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
