internal import Cache
internal import Core
internal import Documents

/// How an artist is spelled in the API (v0.4), and how its documents are cut so that answers can be joined from them.
///
/// `/artist/{mbid}` is ``head``, the albums and `]}`; in every other answer the same document stands for the artist
/// alone, closed by `}`.
enum ArtistDocument {
  /// The artist object without its closing brace.
  static func head(of artist: Artist, _ decoration: Decoration, _ urls: ImageURLs) -> [UInt8] {
    var json = opening(of: artist)
    json.images(decoration.pictures, urls)
    json.raw(#","overview":"#)
    json.string(decoration.overview)
    return json.bytes
  }

  /// What stands between the pictures and the overview.
  static let overviewOpening = Fragment(literal: #","overview":"#)

  /// The artist object up to where its pictures begin.
  static func opening(of artist: Artist) -> JSONWriter {
    var json = JSONWriter(reservingCapacity: 4096 + artist.links.count * 96)
    json.raw(#"{"id":"#)
    json.mbid(artist.id)
    json.raw(#","oldids":"#)
    json.mbids(artist.mergedIDs)
    json.raw(#","artistname":"#)
    json.string(artist.name)
    json.raw(#","sortname":"#)
    json.string(artist.sortName)
    json.raw(#","artistaliases":"#)
    json.strings(artist.aliases)
    json.raw(#","status":"#)
    json.raw(artist.hasEnded ? #""ended""# : #""active""#)
    json.raw(#","disambiguation":"#)
    json.string(artist.disambiguation)
    json.raw(#","type":"#)
    json.string(artist.type)
    json.raw(#","rating":"#)
    json.rating(artist.rating)
    json.raw(#","links":"#)
    json.links(artist.links)
    json.raw(#","genres":"#)
    json.strings(artist.genres.map(Genre.capitalized))
    json.raw(#","images":"#)
    return json
  }

  /// One part for each combination of what the filters ask for, each a list of entries without the brackets.
  static func parts(
    of albums: [AlbumSummary], _ vocabulary: Vocabulary, _ effort: Fragment.Effort = .quick
  ) -> [Document.Part] {
    let groups = Dictionary(grouping: albums) { AlbumLabel($0, vocabulary) }
      .map { (label: $0.key.encoded, albums: $0.value) }
      .sorted { $0.label.lexicographicallyPrecedes($1.label) }
    return groups.map { group in
      var json = JSONWriter(reservingCapacity: group.albums.count * 256)
      for (index, album) in group.albums.enumerated() {
        if index > 0 { json.raw(",") }
        entry(for: album, vocabulary, into: &json)
      }
      return Document.Part(label: group.label, Fragment(json.bytes, effort))
    }
  }

  static let albumsOpening = Fragment(literal: #","Albums":["#)
  static let albumsClosing = Fragment(literal: "]}")
  static let separator = Fragment(literal: ",")
  static let closing = Fragment(literal: "}")

  /// One entry of `Albums`.
  static func entry(for album: AlbumSummary, _ vocabulary: Vocabulary, into json: inout JSONWriter) {
    json.raw(#"{"Id":"#)
    json.mbid(album.id)
    json.raw(#","OldIds":"#)
    json.mbids(album.mergedIDs)
    json.raw(#","Title":"#)
    json.string(album.title)
    json.raw(#","Type":"#)
    json.string(album.primaryType ?? Vocabulary.otherType)
    json.raw(#","SecondaryTypes":"#)
    json.strings(album.secondaryTypes)
    json.raw(#","ReleaseStatuses":"#)
    json.strings(vocabulary.statuses(album.statuses))
    json.raw(#","ReleaseDate":"#)
    json.date(album.firstReleaseDate)
    json.raw(#","Rating":"#)
    json.rating(album.rating)
    json.raw("}")
  }
}
