internal import Cache
internal import Core
internal import Handlers
internal import Memcached
internal import MusicBrainz
internal import PostgresStore
internal import Providers
internal import Search
internal import Settings

/// How each component is, in words.
extension Application {
  static func state(
    of database: MusicBrainzDatabase, _ settings: Settings.MusicBrainz, by deadline: Deadline
  ) -> Component.State {
    do {
      try database.ping(by: deadline)
      let replication = try database.replication(by: deadline)
      guard let version = replication.schema else {
        return .init(isUp: true, detail: "schema version unknown: replication_control is empty", canAnswer: true)
      }
      let limit = settings.replicationMaximumAge
      let age = limit == 0 ? nil : replication.age
      let notice = age.flatMap { $0 > limit ? "the last change was replicated \(words(forSeconds: $0)) ago" : nil }
      var state = Component.State(
        isUp: true,
        detail: version == MusicBrainzDatabase.knownSchema
          ? "schema \(version)" : "schema \(version), made for \(MusicBrainzDatabase.knownSchema)",
        notice: notice, canAnswer: true, advice: notice.map { _ in Advice.replication })
      state.figures = [
        ("schema_sequence", replication.schema), ("replication_sequence", replication.sequence),
        ("replication_age_seconds", replication.age),
      ].compactMap { name, number in number.map { (name, $0) } }
      return state
    } catch {
      return .init(isUp: false, detail: "\(error)", advice: Advice.musicBrainz(error.code))
    }
  }

  /// `90 days`, or below two of them `47 hours`.
  static func words(forSeconds seconds: Int) -> String {
    seconds < 2 * 86_400 ? "\(seconds / 3_600) hours" : "\(seconds / 86_400) days"
  }

  static func state(of search: any Search.SearchSource, by deadline: Deadline) -> Component.State {
    do {
      return .init(isUp: true, detail: try search.check(by: deadline))
    } catch {
      return .init(
        isUp: false, detail: "\(error)", isToBeSetUp: error.code == .empty,
        advice: Advice.search(error.code, search.name))
    }
  }

  /// The index and Solr, where searches are answered by more than one of them: the whole is as good as the best.
  static func components(of search: FallbackSearch) -> [Component] {
    guard search.parts.count > 1 else { return [] }
    return search.parts.compactMap { part in
      guard let name = ["database": "index", "solr": "solr"][part.name] else { return nil }
      return Component("search.\(name)") { deadline in
        var state = Application.state(of: part, by: deadline)
        state.isEssential = false
        return state
      }
    }
  }

  static func state(of store: DocumentStore, _ memcached: MemcachedTier?) -> Component.State {
    guard let memcached else {
      return .init(isUp: true, detail: store.sharedTierState == .up ? "SQLite" : "memory of each process")
    }
    if let failure = memcached.libraryFailure {
      return .init(isUp: false, detail: "\(failure); each process keeps its own", advice: Advice.library)
    }
    return switch store.sharedTierState {
    case .up: .init(isUp: true, detail: "memcached", canAnswer: true)
    // What a process keeps, the others do not have, and only for a minute.
    case .none: .init(isUp: true, detail: "memory of each process")
    case .partly:
      .init(
        isUp: false, detail: "memcached: not all servers answer", canAnswer: true, advice: Advice.memcachedInPart)
    case .away:
      .init(
        isUp: false, detail: "memcached does not answer; each process keeps its own", advice: Advice.memcached)
    }
  }

  static func state(of durable: PostgresDurableTier) -> Component.State {
    do {
      try durable.ping()
      return .init(isUp: true, detail: "PostgreSQL", canAnswer: true)
    } catch {
      return .init(isUp: false, detail: "\(error)", advice: Advice.postgresStore(error.code))
    }
  }

  /// A component for each service that may be left alone for a while, because it fails or has asked for it. Answers go
  /// out without what it would have added.
  static func components(of gate: Gate, _ names: [String]) -> [Component] {
    names.map { name in
      Component("provider.\(name)") {
        let condition = gate.conditions(of: [name])[0]
        return state(of: condition)
      }
    }
  }

  private static func state(of condition: Breaker.Condition) -> Component.State {
    let until = condition.pausedUntil.map { " until \($0.iso8601)" } ?? " for a while"
    let detail =
      condition.isPaused
      ? "left alone\(until)"
      : condition.pauses > 0 ? "asked again carefully" : condition.failures > 0 ? "fails at times" : "asked"
    var state = Component.State(
      isUp: !condition.isPaused, detail: detail, advice: condition.isPaused ? Advice.provider : nil)
    state.isEssential = false
    state.figures = [("pauses", condition.pauses), ("failures", condition.failures)]
    if let until = condition.pausedUntil { state.figures.append(("paused_until", Int(clamping: until.seconds))) }
    return state
  }
}
