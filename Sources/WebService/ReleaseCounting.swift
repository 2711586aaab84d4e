public import Core

/// Tells how many releases release groups have. No look-up and no browse does; the search index knows.
public protocol ReleaseCounting: AnyObject {
  /// The number of releases of each release group that has the artist in its credit; groups that are left out, and all
  /// where nil is returned, are asked for their releases one by one.
  func releaseCounts(ofGroupsOf artist: MBID, by deadline: Deadline) -> [MBID: Int]?
}
