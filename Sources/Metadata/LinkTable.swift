public import Core

/// What leads to artists and albums by something other than their own ids, and can be looked up without asking anybody.
public protocol LinkTable: AnyObject {
  /// The album of a release, also of one that was merged, and how many tracks the release has as MusicBrainz counts them.
  func release(_ id: MBID) -> (album: MBID, tracks: Int)?

  /// What has a link to this id of Spotify; of several the one to be preferred.
  func target(ofSpotify id: SpotifyID, _ kind: EntityID.Kind) -> MBID?

  /// What the page at an address is about, artists first, each once.
  func targets(ofPage address: String) -> [EntityID]

  /// The albums that list a recording, also one that was merged, and perhaps some that do not.
  func candidates(holding recording: MBID) -> [MBID]
}
