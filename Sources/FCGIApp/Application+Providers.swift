internal import Metadata
internal import Settings

extension SpotifyDirectory.Options {
  init(_ settings: Settings) {
    self.init()
    leastRatio = settings.spotify.minimumMatchRatio
    foundSeconds = Int64(settings.ttl.response)
    notFoundSeconds = Int64(settings.ttl.spotifyNotFound)
    unlinkedSeconds = Int64(settings.ttl.notFound)
  }
}
