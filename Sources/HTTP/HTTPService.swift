/// What a provider may be asked, and how much of it at once.
public struct HTTPService: Sendable {
  /// Whose certificates are believed.
  public enum Trust: Equatable, Sendable {
    /// Those that the system trusts.
    case system
    /// Those of the authorities in a PEM file, and of nobody else.
    case authorities(file: String)
    /// Anybody's.
    case anybody
  }

  /// Where it lives. Nothing else is ever connected to on its behalf, wherever a link or a redirect may point, but for
  /// hosts in `redirectDomains`.
  public var origins: Set<Origin>
  /// Domains, in lower case, that a redirect may lead to, any host in them: by https, on its usual port.
  public var redirectDomains: Set<String>
  /// Connections to each origin.
  public var connections: Int
  /// How long one answer may take, where nobody waits for it.
  public var timeoutMilliseconds: Int
  /// How many redirects are followed.
  public var redirects: Int
  /// The longest body that is read, in bytes, after decompression.
  public var longestBody: Int
  /// Whether a redirect is an answer as any other, to be read and not to be followed.
  public var answersWithRedirects = false
  /// Whether a request goes on for whoever asks for the same again, when a client's patience has ended. Where requests
  /// must not be sent but at their time, nothing may go on.
  public var outlivesClients = true
  /// Whether connections are kept for the next request. When a kept one ends before anything of an answer has come,
  /// libcurl sends the request once more by itself, and nobody is asked whether it may.
  public var keepsConnections = true
  public var trust = Trust.system

  /// A header of answers that is kept, in lower case with a colon behind it; nil: none.
  public var keptHeader: String?

  public init(
    origins: Set<Origin>, redirectDomains: Set<String> = [], connections: Int = 4, timeoutMilliseconds: Int = 5_000,
    redirects: Int = 0,
    longestBody: Int = 2 << 20
  ) {
    self.origins = origins
    self.redirectDomains = redirectDomains
    self.connections = connections
    self.timeoutMilliseconds = timeoutMilliseconds
    self.redirects = redirects
    self.longestBody = longestBody
  }

  /// Whether a redirect may lead there.
  public func mayRedirect(to origin: Origin) -> Bool {
    if origins.contains(origin) { return true }
    return origin.isSecure && origin.port == 443
      && redirectDomains.contains { origin.host == $0 || origin.host.hasSuffix(".\($0)") }
  }
}
