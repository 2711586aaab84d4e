import Core
import Testing

@testable import Search

@Suite struct ReferenceTests {
  static let id: MBID = "f59c5520-5f46-4d2c-b2c4-822eabf53419"

  @Test(arguments: [
    "f59c5520-5f46-4d2c-b2c4-822eabf53419", " F59C5520-5F46-4D2C-B2C4-822EABF53419 ",
    "lidarr:f59c5520-5f46-4d2c-b2c4-822eabf53419", "lidarrid: f59c5520-5f46-4d2c-b2c4-822eabf53419",
    "MBID:f59c5520-5f46-4d2c-b2c4-822eabf53419",
    "https://musicbrainz.org/artist/f59c5520-5f46-4d2c-b2c4-822eabf53419",
    "http://beta.musicbrainz.org/release/f59c5520-5f46-4d2c-b2c4-822eabf53419/disc/1?tport=8000#x",
    "musicbrainz.org/recording/f59c5520-5f46-4d2c-b2c4-822eabf53419",
  ])
  func `an id is one, however it is pasted`(text: String) {
    #expect(Reference(text) == .id(ReferenceTests.id))
  }

  @Test(arguments: [
    "https://open.spotify.com/artist/6XyY86QOPPrYVGvF9ch6wz?si=abc",
    "https://open.spotify.com/intl-de/artist/6XyY86QOPPrYVGvF9ch6wz", "spotify:artist:6XyY86QOPPrYVGvF9ch6wz",
  ])
  func `a Spotify address is looked for as MusicBrainz writes it`(text: String) {
    #expect(
      Reference(text)
        == .page([
          "https://open.spotify.com/artist/6XyY86QOPPrYVGvF9ch6wz",
          "http://open.spotify.com/artist/6XyY86QOPPrYVGvF9ch6wz",
        ]))
  }

  @Test(arguments: [
    "lidarr:", "lidarrid: 0", "mbid:xyz", "https://musicbrainz.org/artist/x", "https://open.spotify.com/artist",
  ])
  func `what only says that it is an id is nothing`(text: String) {
    #expect(Reference(text) == .malformed)
  }

  @Test(arguments: [
    "AC/DC", "Spotify", "http", "musicbrainz", "The Beatles", "a/b:c(d)", "will.i.am/fergie", "", "spotify:a:b c",
  ])
  func `a name is a name`(text: String) {
    #expect(Reference(text) == nil)
  }
}
