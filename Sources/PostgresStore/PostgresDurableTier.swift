public import Cache
public import Core
public import Documents
public import Logging
public import Postgres

/// The durable tier in a PostgreSQL database. It creates the database and its tables where they are missing.
public final class PostgresDurableTier: DurableTier {
  let database: StoreDatabase
  private let now: () -> UnixTime
  public var pulse: Pulse?
  public var isForPeople = true

  public convenience init(options: PostgresOptions, logger: Logger, now: @escaping () -> UnixTime = { .now }) {
    self.init(StoreDatabase(options: options, logger: logger), now: now)
  }

  public init(_ database: StoreDatabase, now: @escaping () -> UnixTime = { .now }) {
    self.database = database
    self.now = now
  }

  public var isAvailable: Bool { database.isAvailable }

  /// Creates the database and its tables where they are missing.
  public func prepare() throws(SourceError) { try database.prepare() }

  public var needsTending: Bool { database.hasExpiredValues && database.isAvailable }

  /// Deletes small values that have expired, some of them at a time.
  public func tend(whileNobodyWaits isSomebodyWaiting: () -> Bool) {
    guard needsTending, !isSomebodyWaiting() else { return }
    database.hasExpiredValues = false
    try? run(.valueTidy, [])
  }

  public func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?] {
    let found = [Document?](repeating: nil, count: keys.count)
    return try run(
      .get, [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id))],
      into: found, within: StoreDatabase.readMilliseconds
    ) { found, row throws(PostgresFailure) in
      let position = try row.int() - 1
      let expires = UnixTime(seconds: Int64(try row.int()))
      guard found.indices.contains(position) else { return }
      guard let value = row.optionalBytes() else {
        found[position] = .revocation
        return
      }
      guard var document = Document(encoded: value) else { return }
      document.expires = expires
      found[position] = document
    }
  }

  public func revision() throws(SourceError) -> Int64 {
    try run(
      .revision, [], into: 0, within: StoreDatabase.readMilliseconds
    ) { revision, row throws(PostgresFailure) in revision = Int64(try row.int()) }
  }

  public func set(_ documents: [CacheKey: Document], revision: Int64?) throws(SourceError) -> Set<CacheKey> {
    guard !documents.isEmpty else { return [] }
    let documents = Array(documents)
    let kinds = PostgresParameter.texts(documents.map(\.key.kind.name))
    let ids = PostgresParameter.uuids(documents.map(\.key.id))
    let content: [PostgresParameter] = [
      .int8s(documents.map(\.value.expires.seconds)),
      .int8s(documents.map { Int64(bitPattern: $0.value.fingerprint) }),
      .byteStrings(documents.map { $0.value.encoded() }),
      .int8s(documents.map { Int64(bitPattern: $0.value.stamp) }),
    ]
    guard let revision else {
      try run(.settle, [kinds, ids, .int8(now().seconds)] + content)
      return []
    }
    let refused = Set(documents.map(\.key))
    let kindOfName = Dictionary(documents.map { ($0.key.kind.name, $0.key.kind) }) { first, _ in first }
    return try run(
      .set, [kinds, ids, .int8(revision), .int8(now().seconds)] + content + [.int8(used)], into: refused,
      within: StoreDatabase.writeMilliseconds
    ) { refused, row throws(PostgresFailure) in
      let kind = kindOfName[try row.text()]
      let id = try row.uuid()
      if let kind { refused.remove(CacheKey(kind, id)) }
    }
  }

  /// The hour to note beside what is stored now.
  private var used: Int64 { isForPeople ? now().seconds / 3_600 : 0 }

  public func forget(_ keys: [CacheKey], revision: Int64?) throws(SourceError) {
    try run(
      .forget,
      [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id)), .int8(revision ?? 0), .int8(now().seconds)])
  }

  @discardableResult
  public func revoke(
    _ keys: [CacheKey], because reason: RevocationReason, moving bookmarks: [BookmarkMove]
  ) throws(SourceError) -> Bool {
    var queries: [PostgresQuery] = []
    if !keys.isEmpty {
      queries.append(
        PostgresQuery(
          .revoke,
          [
            .texts(keys.map(\.kind.name)), .uuids(keys.map(\.id)), .int8(now().seconds),
            .int8(reason == .changed ? 1 : 0),
          ]))
    }
    if !bookmarks.isEmpty {
      queries.append(
        PostgresQuery(
          .bookmarkMove,
          [.texts(bookmarks.map(\.name)), .texts(bookmarks.map { $0.from ?? "" }), .texts(bookmarks.map(\.to))]))
    }
    guard !queries.isEmpty else { return true }
    let moved = try database.run(
      queries, into: 0, within: StoreDatabase.writeMilliseconds + keys.count / 10, whileAllowedBy: pulse
    ) { moved, _, row throws(PostgresFailure) in
      _ = try row.text()
      moved += 1
    }
    return moved == bookmarks.count
  }

  public func bookmarks(_ names: [String]) throws(SourceError) -> [String?] {
    try run(
      .bookmarkGet, [.texts(names)], into: [String?](repeating: nil, count: names.count),
      within: StoreDatabase.readMilliseconds
    ) { found, row throws(PostgresFailure) in
      let position = try row.int() - 1
      let value = try row.text()
      if found.indices.contains(position) { found[position] = value }
    }
  }

  public func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID] {
    try run(
      .due, [.text(kind.name), .int8(time.seconds), .int8(Int64(limit))], into: [],
      within: StoreDatabase.writeMilliseconds
    ) { ids, row throws(PostgresFailure) in ids.append(try row.uuid()) }
  }

  public func changed(
    _ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int
  ) throws(SourceError) -> [Change] {
    // It takes longer than any other question; that it took too long tells nothing of those.
    try run(
      .changed, [.texts(kinds.map(\.name)), .int8(time.seconds), .int8(Int64(limit))], into: [],
      within: StoreDatabase.writeMilliseconds, closesWhenLate: false
    ) { changes, row throws(PostgresFailure) in
      changes.append(Change(id: try row.uuid(), time: UnixTime(seconds: Int64(try row.int()))))
    }
  }

  public func scan(
    _ kind: CacheKey.Kind, after id: MBID?, limit: Int
  ) throws(SourceError) -> [(id: MBID, document: Document?)] {
    try run(
      .scan, [.text(kind.name), .uuid(id ?? MBID(high: 0, low: 0)), .int8(Int64(limit))], into: [],
      within: StoreDatabase.writeMilliseconds
    ) { rows, row throws(PostgresFailure) in
      let id = try row.uuid()
      let expires = UnixTime(seconds: Int64(try row.int()))
      var document = Document(encoded: try row.bytes())
      document?.expires = expires
      rows.append((id, document))
    }
  }

  public func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError) {
    try database.attempt(
      within: StoreDatabase.writeMilliseconds + ids.count / 10, whileAllowedBy: pulse
    ) { deadline throws(PostgresFailure) in
      try database.client.copy(
        ids, after: StoreStatement.text(.stage), into: "COPY incoming (kind, id) FROM STDIN",
        then: PostgresQuery(StoreStatement.insertStaged.prepared), by: deadline
      ) { id, line in
        line.append(contentsOf: kind.name.utf8)
        line.append(UInt8(ascii: "\t"))
        id.appendText(to: &line)
      }
    }
  }

  /// Makes sure that it answers, after creating its tables if that has yet to be done.
  public func ping() throws(SourceError) {
    let nothing = [CacheKey(CacheKey.Kind("ping"), MBID(high: 0, low: 0))]
    do throws(SourceError) {
      _ = try get(nothing)
    } catch {
      guard database.isToBeLaidOut else { throw error }
      try prepare()
      _ = try get(nothing)
    }
  }

  // MARK: - Asking

  func run(_ statement: StoreStatement, _ parameters: [PostgresParameter]) throws(SourceError) {
    try run(statement, parameters, into: (), within: StoreDatabase.writeMilliseconds) { _, _ in }
  }

  func run<Answer>(
    _ statement: StoreStatement, _ parameters: [PostgresParameter], into initial: Answer, within milliseconds: Int,
    closesWhenLate: Bool = true, _ add: (inout Answer, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    try database.run(
      [PostgresQuery(statement, parameters)], into: initial, within: milliseconds, whileAllowedBy: pulse,
      closesWhenLate: closesWhenLate
    ) { answer, _, row throws(PostgresFailure) in try add(&answer, &row) }
  }
}
