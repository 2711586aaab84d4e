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
