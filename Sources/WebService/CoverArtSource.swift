public import Core
public import Metadata

/// What ws/2 tells of the pictures of a release: not which there are, only whether.
public struct CoverHint: Equatable, Sendable {
  public var release: MBID
  public var hasFront: Bool
  /// Its pictures must not be shown.
  public var isDarkened: Bool
}

/// Where the covers of albums come from when there is no database. Without covers an album is complete.
public protocol CoverArtSource: AnyObject {
  /// Gives an album the covers that it has.
  ///
  /// - Parameter hints: of its releases.
  func addCovers(to album: inout Album, _ hints: [CoverHint], by deadline: Deadline)
}
