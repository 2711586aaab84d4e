internal import Postgres

/// What is asked to learn of changes. The SQL is in the files named so; they say which columns a row has.
enum ChangeStatement: String, CaseIterable {
  case feedState
  case changeState
  case changeGaps
  case changeSpan
  case changeStart
  case changeSeeds
  case changeCoverSeeds
  case changeReleases
  case changeEntities
  case replication
  case timedTables
  case timedSettings

  /// - Parameter parameters: in the order of their numbers.
  func query(_ parameters: [PostgresParameter]) -> PostgresQuery {
    var query = PostgresQuery(PostgresStatement(rawValue, sql))
    query.parameters = parameters
    return query
  }

  private var sql: [UInt8] {
    switch self {
    case .feedState: PackageResources.feed_state_sql
    case .changeState: PackageResources.change_state_sql
    case .changeGaps: PackageResources.change_gaps_sql
    case .changeSpan: PackageResources.change_span_sql
    case .changeStart: PackageResources.change_start_sql
    case .changeSeeds: PackageResources.change_seeds_sql
    case .changeCoverSeeds: PackageResources.change_cover_seeds_sql
    case .changeReleases: PackageResources.change_releases_sql
    case .changeEntities: PackageResources.change_entities_sql
    case .replication: PackageResources.replication_sql
    case .timedTables: PackageResources.timed_tables_sql
    case .timedSettings: PackageResources.timed_settings_sql
    }
  }
}
