public import HTTP

/// The address that routes are appended to: of Lidarr, or of a metadata server.
public struct BaseURL: Equatable, Sendable, CustomStringConvertible {
  public var origin: Origin
  /// Without a slash at its end.
  public private(set) var text: String

  public var description: String { text }

  /// - Parameter name: the option that it was given with.
  public init(_ text: String, of name: String) throws(LidarrFailure) {
    guard let origin = Origin(of: text) else {
      throw LidarrFailure("\(name): an http or https URL without user name, blanks and quotes is needed: \(text)")
    }
    guard !text.contains(where: { $0 == "?" || $0 == "#" }) else {
      throw LidarrFailure("\(name): routes are appended to it, so it has no query: \(text)")
    }
    guard !text.contains(where: { $0 == "\"" || $0 == "\\" || $0 == "'" || $0 == "<" || $0 == ">" || $0 == "`" }) else {
      throw LidarrFailure("\(name): an http or https URL without user name, blanks and quotes is needed: \(text)")
    }
    self.origin = origin
    var text = text[...]
    while text.hasSuffix("/") { text = text.dropLast() }
    self.text = String(text)
  }

  /// The base that a redirect of a route reveals: of the same origin, with the same route behind it.
  func base(revealedBy location: String, route: String) -> BaseURL? {
    guard location.hasSuffix(route), let base = try? BaseURL(String(location.dropLast(route.utf8.count)), of: ""),
      base.origin == origin
    else { return nil }
    return base
  }

  /// Whether only the same machine reaches it, and the same container.
  var isLoopback: Bool { origin.host == "localhost" || origin.host.hasPrefix("127.") || origin.host == "[::1]" }
}
