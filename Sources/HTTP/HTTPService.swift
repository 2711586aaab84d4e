/// What a provider may be asked, and how much of it at once.
public struct HTTPService: Sendable {
  /// Where it lives. Nothing else is ever connected to on its behalf, wherever a link or a redirect may point.
  public var origins: Set<Origin>
  /// Connections to each origin.
  public var connections: Int
  /// How long one answer may take, where nobody waits for it.
  public var timeoutMilliseconds: Int
  /// How many redirects are followed, among the origins.
  public var redirects: Int
  /// The longest body that is read, in bytes, after decompression.
  public var longestBody: Int

  public init(
    origins: Set<Origin>, connections: Int = 4, timeoutMilliseconds: Int = 5_000, redirects: Int = 0,
    longestBody: Int = 2 << 20
  ) {
    self.origins = origins
    self.connections = connections
    self.timeoutMilliseconds = timeoutMilliseconds
    self.redirects = redirects
    self.longestBody = longestBody
  }
}
