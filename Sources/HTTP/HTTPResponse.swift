public struct HTTPResponse: Sendable {
  public var status: Int
  /// Lower case, with parameters; empty when there was none.
  public var contentType = ""
  /// Seconds that the provider asks to be left alone for.
  public var retryAfter: Int?
  /// Where a redirect leads to, where the service answers with redirects.
  public var location: String?
  /// The header that the service's answers are looked at for.
  public var keptHeader: String?
  public var body: [UInt8]
  /// When the request was sent, in monotonic nanoseconds, or a little later: after names were looked up, the connection
  /// opened and encryption agreed on. nil when nobody knows.
  public var sent: UInt64?
  /// When the first of the answer came, likewise: the request had certainly arrived by then.
  public var answered: UInt64?

  public init(
    status: Int, contentType: String = "", retryAfter: Int? = nil, location: String? = nil, body: [UInt8],
    sent: UInt64? = nil
  ) {
    self.status = status
    self.contentType = contentType
    self.retryAfter = retryAfter
    self.location = location
    self.body = body
    self.sent = sent
  }
}

extension HTTPResponse: Equatable {
  /// Whether they say the same, whenever they were asked for.
  public static func == (left: HTTPResponse, right: HTTPResponse) -> Bool {
    left.status == right.status && left.contentType == right.contentType && left.retryAfter == right.retryAfter
      && left.location == right.location && left.body == right.body
  }
}
