internal import Cache
internal import Core

/// Spotify's name for an artist or album: 128 bits, written as 22 digits of base 62.
public struct SpotifyID: Hashable, Sendable, CustomStringConvertible {
  private let value: UInt128

  /// - Returns: nil for anything else than 22 digits and letters that make such a number.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 22 else { return nil }
    var value: UInt128 = 0
    for byte in text.utf8 {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A") + 36
      default: return nil
      }
      let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 62)
      let (sum, isTooLargeNow) = shifted.addingReportingOverflow(UInt128(digit))
      guard !isTooLarge, !isTooLargeNow else { return nil }
      value = sum
    }
    self.value = value
  }

  public var description: String {
    var rest = value
    var digits: [UInt8] = []
    for _ in 0..<22 {
      let digit = UInt8(rest % 62)
      rest /= 62
      switch digit {
      case 0..<10: digits.append(UInt8(ascii: "0") + digit)
      case 10..<36: digits.append(UInt8(ascii: "a") + digit - 10)
      default: digits.append(UInt8(ascii: "A") + digit - 36)
      }
    }
    return String(decoding: digits.reversed(), as: UTF8.self)
  }

  /// The 128 bits as those of a cache key.
  var key: MBID { MBID(high: UInt64(value >> 64), low: UInt64(truncatingIfNeeded: value)) }
}

/// What a Spotify id may name.
public enum SpotifyKind: CaseIterable, Sendable {
  case artist, album

  var cacheKind: CacheKey.Kind { self == .artist ? .spotifyArtist : .spotifyAlbum }
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
