internal import Cache
internal import Core
internal import Handlers
internal import Memcached
internal import MusicBrainz
internal import PostgresStore
internal import Search
internal import Settings

/// How each component is, in words.
extension Application {
  static func state(of database: MusicBrainzDatabase, _ settings: Settings.MusicBrainz) -> Component.State {
    do {
      try database.ping(by: .after(milliseconds: checkMilliseconds))
      guard let version = try database.schemaVersion(by: .after(milliseconds: checkMilliseconds)) else {
        return .init(isUp: true, detail: "schema version unknown: replication_control is empty", canAnswer: true)
      }
      let limit = settings.replicationMaximumAge
      let age = limit == 0 ? nil : try database.replicationAge(by: .after(milliseconds: checkMilliseconds))
      return .init(
        isUp: true,
        detail: version == MusicBrainzDatabase.knownSchema
          ? "schema \(version)" : "schema \(version), made for \(MusicBrainzDatabase.knownSchema)",
        notice: age.flatMap { $0 > limit ? "the last change was replicated \(words(forSeconds: $0)) ago" : nil },
        canAnswer: true)
    } catch {
      return .init(isUp: false, detail: "\(error)")
    }
  }

  /// `90 days`, or below two of them `47 hours`.
  static func words(forSeconds seconds: Int) -> String {
    seconds < 2 * 86_400 ? "\(seconds / 3_600) hours" : "\(seconds / 86_400) days"
  }

  static func state(of search: FallbackSearch) -> Component.State {
    do {
      return .init(isUp: true, detail: try search.check(by: .after(milliseconds: checkMilliseconds)))
    } catch {
      return .init(isUp: false, detail: "\(error)", isToBeSetUp: error.code == .empty)
    }
  }

  static func state(of store: DocumentStore, _ memcached: MemcachedTier?) -> Component.State {
    guard let memcached else {
      return .init(isUp: true, detail: store.sharedTierState == .up ? "SQLite" : "memory of each process")
    }
    if let failure = memcached.libraryFailure {
      return .init(isUp: false, detail: "\(failure); each process keeps its own")
    }
    return switch store.sharedTierState {
    case .up: .init(isUp: true, detail: "memcached", canAnswer: true)
    // What a process keeps, the others do not have, and only for a minute.
    case .none: .init(isUp: true, detail: "memory of each process")
    case .partly: .init(isUp: false, detail: "memcached: not all servers answer", canAnswer: true)
    case .away: .init(isUp: false, detail: "memcached does not answer; each process keeps its own")
    }
  }

  static func state(of durable: PostgresDurableTier) -> Component.State {
    do {
      try durable.ping()
      return .init(isUp: true, detail: "PostgreSQL", canAnswer: true)
    } catch {
      return .init(isUp: false, detail: "\(error)")
    }
  }
}
