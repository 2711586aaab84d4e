public import Core
public import Metadata

/// Matches names by a section of a file, as ``IndexMatcher`` does by the index.
public final class SectionMatcher: Matcher {
  private let table: SectionNames
  private let links: any LinkSource

  /// - Parameter links: knows the dates of albums.
  public init(_ section: NameSection, links: any LinkSource) {
    table = SectionNames(section)
    self.links = links
  }

  public func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
    guard !names.isEmpty else { return [] }
    let found = names.map { name -> MBID? in
      let artists = MatchKeys.artist(name.artist)
      for title in MatchKeys.title(name.title) {
        for artist in artists {
          if let id = table.bestAlbum(called: title, by: artist) { return id }
        }
      }
      return nil
    }
    let albums = try links.albums(ofReleasesOrGroups: Array(Set(found.compactMap(\.self))), by: deadline)
    return found.map { id in id.flatMap { albums[$0] } }
  }

  public func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
    names.map { name in MatchKeys.artist(name).lazy.compactMap { [table] in table.bestArtist(called: $0) }.first }
  }
}

extension SectionNames {
  /// The best known album that has such a title, an alias counting less than any title.
  func bestAlbum(called title: String, by artist: String) -> MBID? {
    var best: Candidate?
    let artists = artistNumbers(called: artist)
    for row in albumRows(of: artists, withKeys: [title]) {
      guard let album = album(row) else { continue }
      if let best, (best.form.rawValue, -best.popularity) <= (album.form.rawValue, -album.popularity) { continue }
      best = album
    }
    return best?.id
  }

  /// The best known artist of the name, an alias counting less than a name, and what MusicBrainz calls that artist.
  func bestArtist(called name: String) -> ArtistMatch? {
    func weight(_ artist: Candidate) -> Double { artist.popularity + (artist.form == .name ? 0.1 : 0) }
    var best: Candidate?
    for artist in artists(called: name) where artist.form != .nobody {
      if let best, weight(best) >= weight(artist) { continue }
      best = artist
    }
    return best.map { ArtistMatch(id: $0.id, name: self.name(ofArtist: $0.artist)) }
  }
}
