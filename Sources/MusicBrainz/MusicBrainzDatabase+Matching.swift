public import Core
public import Metadata
internal import Postgres

extension MusicBrainzDatabase: LinkSource {
  public func links(
    toSpotify ids: [SpotifyID], by deadline: Deadline
  ) throws(SourceError) -> [SpotifyLink] {
    guard !ids.isEmpty else { return [] }
    return try look(for: .spotifyLinks, .texts(ids.map(\.description)), by: deadline, into: []) {
      !$0.isEmpty
    } add: { (links: inout [SpotifyLink], row) throws(PostgresFailure) in
      let id = SpotifyID(try row.text())
      let kind: EntityID.Kind = try row.bool() ? .artist : .album
      let target = try row.uuid()
      if let id { links.append(SpotifyLink(id: id, kind: kind, target: target)) }
    }
  }

  /// Links to Spotify of the addresses with keys behind one and up to another. A later one of the same id is the better.
  public func spotifyLinks(
    after key: Int, upTo last: Int, by deadline: Deadline
  ) throws(SourceError) -> [SpotifyLink] {
    try rows(
      of: .spotifyPages, .int8(Int64(key)), .int8(Int64(last)), by: deadline
    ) { row throws(PostgresFailure) -> SpotifyLink? in
      let id = SpotifyID(try row.text())
      let kind: EntityID.Kind = try row.bool() ? .artist : .album
      let target = try row.uuid()
      return id.map { SpotifyLink(id: $0, kind: kind, target: target) }
    }.compactMap(\.self)
  }

  /// The key of the last address.
  public func lastAddress(by deadline: Deadline) throws(SourceError) -> Int {
    try rows(of: .lastURL, by: deadline) { row throws(PostgresFailure) in try row.int() }.first ?? 0
  }

  public func albums(
    ofReleasesOrGroups ids: [MBID], by deadline: Deadline
  ) throws(SourceError) -> [MBID: AlbumMatch] {
    guard !ids.isEmpty else { return [:] }
    return try look(for: .albumsOfReleases, .uuids(ids), by: deadline, into: [:]) {
      !$0.isEmpty
    } add: { (albums: inout [MBID: AlbumMatch], row) throws(PostgresFailure) in
      let asked = try row.uuid()
      albums[asked] = try row.albumMatch()
    }
  }
}

/// Matching by name alone, for where there is no search engine.
extension MusicBrainzDatabase: Matcher {
  public func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
    guard !names.isEmpty else { return [] }
    return try look(
      for: .matchingAlbums, .texts(names.map(\.title)), .texts(names.map(\.artist)), by: deadline,
      into: [AlbumMatch?](repeating: nil, count: names.count)
    ) {
      $0.contains { $0 != nil }
    } add: { (matches: inout [AlbumMatch?], row) throws(PostgresFailure) in
      let position = try row.int() - 1
      let match = try row.albumMatch()
      if matches.indices.contains(position) { matches[position] = match }
    }
  }

  public func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
    guard !names.isEmpty else { return [] }
    return try look(
      for: .matchingArtists, .texts(names), by: deadline, into: [ArtistMatch?](repeating: nil, count: names.count)
    ) {
      $0.contains { $0 != nil }
    } add: { (matches: inout [ArtistMatch?], row) throws(PostgresFailure) in
      let position = try row.int() - 1
      let match = ArtistMatch(id: try row.uuid(), name: try row.text())
      if matches.indices.contains(position) { matches[position] = match }
    }
  }
}

extension PostgresRow {
  fileprivate mutating func albumMatch() throws(PostgresFailure) -> AlbumMatch {
    AlbumMatch(
      id: try uuid(), title: try text(), artistID: try uuid(), artist: try text(), date: try partialDate())
  }
}
