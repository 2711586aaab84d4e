internal import Cache
internal import Core

/// Spotify's name for an artist or album. Its own have 22 letters and digits; MusicBrainz's links may hold others.
public struct SpotifyID: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// - Returns: nil for what has other characters than ASCII letters and digits, or too many.
  public init?(_ text: some StringProtocol) {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
      default: false
      }
    }
    guard isPlain, (1...64).contains(text.utf8.count) else { return nil }
    description = String(text)
  }
}

extension EntityID.Kind {
  /// The name of the document that says what a Spotify id of this kind stands for.
  func key(ofSpotify id: SpotifyID) -> CacheKey {
    CacheKey(self == .artist ? .spotifyArtist : .spotifyAlbum, named: id.description)
  }
}

/// An artist or album as Spotify names it, in terms that MusicBrainz can be searched for.
public struct SpotifyWork: Equatable, Sendable {
  public var artist: String
  public var artistID: SpotifyID
  public var album: String
  public var albumID: SpotifyID

  public init(artist: String, artistID: SpotifyID, album: String, albumID: SpotifyID) {
    self.artist = artist
    self.artistID = artistID
    self.album = album
    self.albumID = albumID
  }
}
