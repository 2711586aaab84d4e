public import Core
public import Logging
public import Metadata
public import Postgres

/// Matches names by the search index, in one round trip for all of them; albums take another one, for their dates.
/// Where there is no index, or it holds nothing, the matcher behind it is asked.
public final class IndexMatcher: Matcher {
  private let client: PostgresClient
  private let links: any LinkSource
  private let fallback: any Matcher
  private let logger: Logger

  private static let name = "search index"

  public init(options: PostgresOptions, links: any LinkSource, fallback: any Matcher, logger: Logger) {
    var options = options
    options.serverSettings = DatabaseSearch.serverSettings
    client = PostgresClient(name: IndexMatcher.name, options: options, logger: logger)
    self.links = links
    self.fallback = fallback
    self.logger = logger
  }

  public func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
    guard !names.isEmpty else { return [] }
    var asked = Asked()
    for (position, name) in names.enumerated() {
      let artists = IndexMatcher.artistKeys(name.artist)
      for (titleRank, title) in IndexMatcher.titleKeys(name.title).enumerated() {
        for (artistRank, artist) in artists.enumerated() {
          asked.add(position, title: title, artist: artist, rank: titleRank + artistRank)
        }
      }
    }
    guard let found = try ids(.matchAlbums, [asked.positions, asked.titles, asked.artists, asked.ranks], by: deadline)
    else { return try fallback.albums(names, by: deadline) }
    let albums = try links.albums(ofReleasesOrGroups: Array(Set(found.values)), by: deadline)
    return names.indices.map { found[$0].flatMap { albums[$0] } }
  }

  public func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
    guard !names.isEmpty else { return [] }
    var asked = Asked()
    for (position, name) in names.enumerated() {
      for (rank, artist) in IndexMatcher.artistKeys(name).enumerated() {
        asked.add(position, title: "", artist: artist, rank: rank)
      }
    }
    var matches = [ArtistMatch?](repeating: nil, count: names.count)
    let found = try rows(.matchArtists, [asked.positions, asked.artists, asked.ranks], by: deadline) {
      row throws(PostgresFailure) in
      let position = try row.int()
      let match = ArtistMatch(id: try row.uuid(), name: try row.text())
      if matches.indices.contains(position) { matches[position] = match }
    }
    return found ? matches : try fallback.artists(names, by: deadline)
  }

  // MARK: - Keys

  /// The title, then what it is without what shops add to it, the longest first.
  private static func titleKeys(_ title: String) -> [String] {
    let folding = Folding(title)
    let plain = Relaxation(title).phrase
    let readings = plain.readings(in: 0..<plain.words.count).filter { $0.cut >= .divider }.sorted { $0.cost < $1.cost }
    return unique(
      [folding.key, folding.keyWithoutArticle, folding.keyWithoutAnd].compactMap(\.self)
        + readings.prefix(3).flatMap { plain.keys(of: $0.range) })
  }

  /// The artist, then the first of those that are named together.
  private static func artistKeys(_ artist: String) -> [String] {
    let folding = Folding(artist)
    let phrase = Phrase(artist)
    let first = phrase.namedArtists.filter { $0.range.lowerBound == 0 }
    return unique(
      [folding.key, folding.keyWithoutArticle, folding.keyWithoutAnd].compactMap(\.self)
        + first.reversed().map { phrase.key($0.range) })
  }

  private static func unique(_ keys: [String]) -> [String] {
    var seen: Set<String> = []
    return keys.filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  /// The columns of what is asked for.
  private struct Asked {
    private var positionColumn: [Int64] = []
    private var rankColumn: [Int64] = []
    private var titleColumn: [String] = []
    private var artistColumn: [String] = []

    mutating func add(_ position: Int, title: String, artist: String, rank: Int) {
      positionColumn.append(Int64(position))
      rankColumn.append(Int64(rank))
      titleColumn.append(title)
      artistColumn.append(artist)
    }

    var positions: PostgresParameter { .int8s(positionColumn) }
    var ranks: PostgresParameter { .int8s(rankColumn) }
    var titles: PostgresParameter { .texts(titleColumn) }
    var artists: PostgresParameter { .texts(artistColumn) }
  }

  // MARK: - Asking

  /// The ids by position; nil where there is no index that could tell.
  private func ids(
    _ statement: IndexStatement, _ parameters: [PostgresParameter], by deadline: Deadline
  ) throws(SourceError) -> [Int: MBID]? {
    var ids: [Int: MBID] = [:]
    let isThere = try rows(statement, parameters, by: deadline) { row throws(PostgresFailure) in
      ids[try row.int()] = try row.uuid()
    }
    return isThere ? ids : nil
  }

  /// - Returns: false where there is no index that could tell.
  private func rows(
    _ statement: IndexStatement, _ parameters: [PostgresParameter], by deadline: Deadline,
    _ receive: (inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Bool {
    var query = PostgresQuery(statement.prepared)
    query.parameters = parameters
    var isUsable = false
    do throws(PostgresFailure) {
      try client.run({ _ in [PostgresQuery(IndexStatement.state.prepared), query] }, into: (), by: deadline) {
        _, index, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in
          if index == 1 { return try receive(&row) }
          let format = try row.int()
          _ = try row.int()
          isUsable = try row.bool() && format == IndexFormat.current
        }
      }
    } catch {
      logger.warning("matching falls back", metadata: ["reason": "\(error)"])
      return false
    }
    return isUsable
  }
}
