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
