/// A request to a provider.
public struct HTTPRequest: Equatable, Sendable {
  public var url: String
  public var headers: [String] = []
  /// A form to post, or another body that a header names the type of; nil gets.
  public var form: [UInt8]?
  /// Another method than GET, or than POST with a body.
  public var method: String?

  public init(_ url: String, headers: [String] = [], form: [UInt8]? = nil, method: String? = nil) {
    self.url = url
    self.headers = headers
    self.form = form
    self.method = method
  }
}
