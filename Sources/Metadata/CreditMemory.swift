internal import Core

/// Which artists albums had when this process last saw them: a guess that lets an album and its artists be fetched in
/// one trip. A wrong one costs that trip again, never a wrong answer.
struct CreditMemory {
  private struct Entry {
    var album: MBID
    var artists: [MBID]
  }

  /// Each album has one place, which others share.
  private var entries = [Entry?](repeating: nil, count: 1024)
  /// Compilations of more artists are rare, and their documents large: there a trip does not matter.
  private static let mostArtists = 8

  /// Empty when the album is not known.
  func artists(of album: MBID) -> [MBID] {
    guard let entry = entries[place(of: album)], entry.album == album else { return [] }
    return entry.artists
  }

  mutating func remember(_ artists: [MBID], of album: MBID) {
    guard artists.count <= CreditMemory.mostArtists, self.artists(of: album) != artists else { return }
    entries[place(of: album)] = Entry(album: album, artists: artists)
  }

  private func place(of album: MBID) -> Int { Int(album.low % UInt64(entries.count)) }
}
