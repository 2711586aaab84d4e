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
    let choices = names.map { name in
      let artists = MatchKeys.artist(name.artist)
      return MatchKeys.title(name.title).flatMap { title in
        artists.map { asked.position(of: title, $0) }
      }
    }
    var ids: [Int: MBID] = [:]
    let isThere = try rows(.matchAlbums, [asked.titles, asked.artists], by: deadline) { row throws(PostgresFailure) in
      ids[try row.int() - 1] = try row.uuid()
    }
    guard isThere else { return try fallback.albums(names, by: deadline) }
    let found = choices.map { $0.lazy.compactMap { ids[$0] }.first }
    let albums = try links.albums(ofReleasesOrGroups: Array(Set(found.compactMap(\.self))), by: deadline)
    return found.map { id in id.flatMap { albums[$0] } }
  }

  public func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
    guard !names.isEmpty else { return [] }
    var asked = Asked()
    let choices = names.map { name in MatchKeys.artist(name).map { asked.position(of: "", $0) } }
    var matches: [Int: ArtistMatch] = [:]
    let isThere = try rows(.matchArtists, [asked.artists], by: deadline) { row throws(PostgresFailure) in
      let position = try row.int() - 1
      matches[position] = ArtistMatch(id: try row.uuid(), name: try row.text())
    }
    guard isThere else { return try fallback.artists(names, by: deadline) }
    return choices.map { $0.lazy.compactMap { matches[$0] }.first }
  }

  /// What is asked for, each pair of keys once: the names of a chart come in several spellings.
  private struct Asked {
    private struct Pair: Hashable {
      var title: String
      var artist: String
    }

    private var positions: [Pair: Int] = [:]
    private var pairs: [Pair] = []

    mutating func position(of title: String, _ artist: String) -> Int {
      let pair = Pair(title: title, artist: artist)
      if let known = positions[pair] { return known }
      positions[pair] = pairs.count
      pairs.append(pair)
      return pairs.count - 1
    }

    var titles: PostgresParameter { .texts(pairs.map(\.title)) }
    var artists: PostgresParameter { .texts(pairs.map(\.artist)) }
  }

  // MARK: - Asking

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
