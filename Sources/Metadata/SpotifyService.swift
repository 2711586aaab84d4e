public import Core

/// Spotify itself.
public protocol SpotifyService: AnyObject {
  /// The album, or for an artist its most popular one; nil when Spotify says that there is none.
  func work(_ kind: EntityID.Kind, _ id: SpotifyID, by deadline: Deadline) throws(ServiceError) -> SpotifyWork?

  /// What Spotify gives a user who has signed in, for the code that the user came back with.
  func tokens(forCode code: String, by deadline: Deadline) throws(ServiceError) -> SpotifyTokens

  /// Spotify's own answer, JSON, to a refresh token.
  func renewal(of refreshToken: String, by deadline: Deadline) throws(ServiceError) -> [UInt8]
}

public struct SpotifyTokens: Equatable, Sendable {
  public var access: String
  public var seconds: Int
  public var refresh: String

  public init(access: String, seconds: Int, refresh: String) {
    self.access = access
    self.seconds = seconds
    self.refresh = refresh
  }
}

/// Why somebody else's service has not answered as it should.
public enum ServiceError: Error, Equatable, Sendable {
  case unavailable
  /// It refuses what it was sent.
  case refused(status: Int, message: String)
}
