/// How MusicBrainz' web service is asked.
public struct WebServiceOptions: Sendable {
  /// What paths are put behind, without a slash at its end: `https://musicbrainz.org/ws/2`.
  public var baseURL: String
  /// The least time between two requests, in milliseconds.
  public var intervalMilliseconds = 1_000
  /// Why nothing may be asked, such as that nobody has said whom MusicBrainz could reach; nil when all may.
  public var prohibition: String?
  /// How long one answer may take, in milliseconds, if the deadline leaves so much.
  public var timeoutMilliseconds = 20_000
  /// Keeps deployments apart that use the same cache.
  public var namespace = ""
  /// The file in which processes agree on who asks, where no cache is shared.
  public var lockPath = ""

  public init(baseURL: String) {
    self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
  }
}
