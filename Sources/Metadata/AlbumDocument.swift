internal import Cache
internal import Core
internal import Documents

/// How an album is spelled in the API (v0.4). `/album/{mbid}` is ``parts``, `,"artists":[`, the artists and `]}`.
enum AlbumDocument {
  /// The album object without `artists` and its closing brace, cut before and after the list of its releases: searches
  /// leave that out.
  static func parts(
    of album: Album, _ vocabulary: Vocabulary, _ decoration: Decoration, _ urls: ImageURLs
  ) -> [[UInt8]] {
    var json = opening(of: album)
    var decoration = decoration
    decoration.addMissing(urls.archived(album))
    json.images(decoration.pictures, urls)
    json.raw(#","Releases":"#)
    var end = JSONWriter(reservingCapacity: 1024 + decoration.overview.utf8.count)
    end.raw(#","overview":"#)
    end.string(decoration.overview)
    statuses(of: album, vocabulary, into: &end)
    return [json.bytes, releases(of: album, vocabulary), end.bytes]
  }

  /// The same where the pictures and the overview are cut out: what is before, between and behind them.
  static func cutParts(of album: Album, _ vocabulary: Vocabulary) -> [[UInt8]] {
    var end = JSONWriter(reservingCapacity: 64)
    statuses(of: album, vocabulary, into: &end)
    return [opening(of: album).bytes, releases(of: album, vocabulary), end.bytes]
  }

  /// What stands between the pictures and the releases.
  static let releasesOpening = Fragment(literal: #","Releases":"#)

  /// Where the releases are among the fragments of an album; nil when it is of no known form.
  static func releasesPlace(in fragments: [Fragment]) -> Int? {
    switch fragments.count {
    case 3: 1
    // Pictures and an overview have been put in.
    case 7: 3
    default: nil
    }
  }

  /// The album object up to where its pictures begin.
  private static func opening(of album: Album) -> JSONWriter {
    var json = JSONWriter(reservingCapacity: 4096)
    json.raw(#"{"id":"#)
    json.mbid(album.id)
    json.raw(#","oldids":"#)
    json.mbids(album.mergedIDs)
    json.raw(#","disambiguation":"#)
    json.string(album.disambiguation)
    json.raw(#","title":"#)
    json.string(album.title)
    json.raw(#","aliases":"#)
    json.strings(album.aliases)
    json.raw(#","type":"#)
    json.string(album.primaryType ?? Vocabulary.otherType)
    json.raw(#","secondarytypes":"#)
    json.strings(album.secondaryTypes)
    json.raw(#","releasedate":"#)
    json.date(album.firstReleaseDate)
    json.raw(#","artistid":"#)
    json.mbid(album.artistID)
    json.raw(#","rating":"#)
    json.rating(album.rating)
    json.raw(#","links":"#)
    json.links(album.links)
    json.raw(#","genres":"#)
    json.strings(album.genres.map(Genre.capitalized))
    json.raw(#","images":"#)
    return json
  }

  private static func releases(of album: Album, _ vocabulary: Vocabulary) -> [UInt8] {
    let trackCount = album.releases.reduce(0) { $0 + $1.trackCount }
    var releases = JSONWriter(reservingCapacity: 16 + album.releases.count * 512 + trackCount * 320)
    releases.array(album.releases) { release(into: &$0, $1, vocabulary) }
    return releases.bytes
  }

  private static func statuses(of album: Album, _ vocabulary: Vocabulary, into json: inout JSONWriter) {
    json.raw(#","releasestatuses":"#)
    json.strings(vocabulary.statuses(album.releases.filter(\.counts).map { $0.status ?? "" }))
  }

  /// What stands for the releases where they are left out.
  static let noReleases = Fragment(literal: "[]")

  static let artistsOpening = Fragment(literal: #","artists":["#)
  /// Closes an artist object and opens the next.
  static let artistSeparator = Fragment(literal: "},")
  static let artistsClosing = Fragment(literal: "}]}")

  private static func release(into json: inout JSONWriter, _ release: Release, _ vocabulary: Vocabulary) {
    json.raw(#"{"Id":"#)
    json.mbid(release.id)
    json.raw(#","OldIds":"#)
    json.mbids(release.mergedIDs)
    json.raw(#","Title":"#)
    json.string(release.title)
    json.raw(#","Disambiguation":"#)
    json.string(release.disambiguation)
    json.raw(#","Status":"#)
    json.string(vocabulary.status(release.status))
    json.raw(#","ReleaseDate":"#)
    json.date(release.date)
    json.raw(#","Label":"#)
    json.strings(release.labels)
    json.raw(#","Country":"#)
    json.strings(release.countries)
    json.raw(#","Media":"#)
    json.array(release.media) { json, medium in
      json.raw(#"{"Format":"#)
      json.string(medium.format ?? vocabulary.missingFormat)
      json.raw(#","Name":"#)
      json.string(medium.name)
      json.raw(#","Position":"#)
      json.integer(medium.position)
      json.raw("}")
    }
    // The tracks that are listed, not those that MusicBrainz counts: its number includes data tracks and videos, and
    // the client would look for them for ever.
    json.raw(#","TrackCount":"#)
    json.integer(release.trackCount)
    json.raw(#","Tracks":["#)
    var isFirst = true
    for medium in release.media {
      for track in medium.tracks {
        if !isFirst { json.raw(",") }
        isFirst = false
        AlbumDocument.track(into: &json, track, medium: medium.position)
      }
    }
    json.raw("]}")
  }

  private static func track(into json: inout JSONWriter, _ track: Track, medium: Int) {
    json.raw(#"{"Id":"#)
    json.mbid(track.id)
    json.raw(#","OldIds":"#)
    json.mbids(track.mergedIDs)
    json.raw(#","RecordingId":"#)
    json.mbid(track.recordingID)
    json.raw(#","OldRecordingIds":"#)
    json.mbids(track.mergedRecordingIDs)
    json.raw(#","ArtistId":"#)
    json.mbid(track.artistID)
    json.raw(#","TrackName":"#)
    json.string(track.title)
    json.raw(#","DurationMs":"#)
    if let length = track.length { json.integer(length) } else { json.raw("null") }
    json.raw(#","MediumNumber":"#)
    json.integer(medium)
    json.raw(#","TrackNumber":"#)
    json.string(track.number)
    json.raw(#","TrackPosition":"#)
    json.integer(track.position)
    json.raw("}")
  }
}

extension Release {
  fileprivate var trackCount: Int { media.reduce(0) { $0 + $1.tracks.count } }

  /// Whether its status is one of the album's. All tracks of one that does not are videos or data, none of which is
  /// listed: the client drops such a release, and an album that it took for its sake.
  fileprivate var counts: Bool { !hasKnownTracks || trackCount > 0 }
}
