internal import Core
internal import Documents
internal import Logging

extension DocumentStore {
  /// What a process keeps to itself while the shared tier is away is not seen by invalidation, so not for long.
  private static let privateSeconds: Int64 = 60
  /// A mark of revocation has to outlive the longest computation.
  static let markSeconds: Int64 = 3_600
  /// What lists are compared with has to outlive the lists.
  static let noteSeconds: Int64 = 30 * 86_400

  var tier: any CacheTier {
    if let shared, shared.isAvailable { return shared }
    return memory
  }

  public enum SharedTierState: String, Sendable {
    case up
    /// Some of its servers do not answer.
    case partly
    /// Configured, but not to be reached.
    case away
    case none
  }

  public var sharedTierState: SharedTierState {
    guard let shared else { return .none }
    return shared.isWhole() ? .up : shared.isAvailable ? .partly : .away
  }

  func name(of key: CacheKey) -> String { key.text(prefix: prefix) }

  // MARK: - Finding

  /// Looks into all tiers. What only the durable one has is put into the others.
  func found(_ keys: [CacheKey]) -> [Found] {
    var found = stored(keys)
    guard snapshot != nil else {
      if !isDirect { _ = addDurable(keys, to: &found) { _ in true } }
      return found
    }
    let snapshots = snapshots(under: found, keys)
    if isDirect {
      // Nothing that is slow would be asked, so there is nothing to note.
      if !snapshots.isEmpty { underlay(&found, keys, with: snapshots, asked: []) }
      return found
    }
    let deferred = found.map(\.isDeferred)
    let asked = addDurable(keys, to: &found) { snapshots.isEmpty || snapshots[$0] == nil || !deferred[$0] }
    if !snapshots.isEmpty { underlay(&found, keys, with: snapshots, asked: Set(asked)) }
    return found
  }

  /// Looks into the durable tier for what is not in the shared one.
  ///
  /// - Returns: what it was asked for and has answered.
  private func addDurable(_ keys: [CacheKey], to found: inout [Found], where isWanted: (Int) -> Bool) -> [Int] {
    let missing = keys.indices.filter { found[$0].document == nil && keys[$0].kind.isDurable && isWanted($0) }
    guard !missing.isEmpty else { return [] }
    var hasAnswered = false
    withDurable { durable throws(SourceError) in
      let documents = try durable.get(missing.map { keys[$0] })
      hasAnswered = true
      var kept: [CacheKey: Document] = [:]
      for (index, document) in zip(missing, documents) {
        guard let document else { continue }
        // A mark of revocation in the shared tier also holds for what the durable one has not heard of it.
        let isMarked = found[index].validity == .revoked
        found[index] = judge(document, keys[index].kind)
        if isMarked, found[index].document != nil { found[index].validity = .revoked }
        if found[index].isServable { kept[keys[index]] = document }
      }
      follow(keys, &found)
      share(kept)
    }
    return hasAnswered ? missing : []
  }

  /// Looks into the shared tier, or what takes its place.
  func stored(_ keys: [CacheKey]) -> [Found] {
    if isDirect { return storedDirectly(keys) }
    let hot = keys.allSatisfy(\.kind.isHot) ? nil : keys.indices.filter { keys[$0].kind.isHot }
    guard let hot else {
      var found = look(keys)
      follow(keys, &found)
      return found
    }
    var found = [Found](repeating: .missing, count: keys.count)
    guard !hot.isEmpty else { return found }
    for (index, document) in zip(hot, look(hot.map { keys[$0] })) { found[index] = document }
    follow(keys, &found)
    return found
  }

  private func look(_ keys: [CacheKey]) -> [Found] {
    let names = keys.map { name(of: $0) }
    let tier = tier
    guard ticket != nil else {
      var values = tier.get(names)
      // The shared tier went away with this very question.
      if tier !== memory, !tier.isAvailable { values = memory.get(names) }
      return zip(keys, values).map { key, value in judge(value, key.kind) }
    }
    let values = tier.read(names)
    for (key, value) in zip(keys, values) where ticket?.tier === tier && ticket?.versions[key] == nil {
      ticket?.versions[key] = value.version
    }
    return zip(keys, values).map { key, value in judge(value.value, key.kind) }
  }

  func judge(_ value: [UInt8]?, _ kind: CacheKey.Kind) -> Found {
    value.flatMap { Document(encoded: $0) }.map { judge($0, kind) } ?? .missing
  }

  func judge(_ document: Document, _ kind: CacheKey.Kind) -> Found {
    let now = now()
    switch document.state {
    case .revoked: return Found(nil, .revoked)
    case .deferred:
      var found = Found.missing
      found.isDeferred = document.stamp == snapshot?.stamp && !document.isStale(at: now)
      return found
    case .present:
      guard kind.parts.contains(document.parts.count) else { return .missing }
      if isDistrustful, !document.isIntact { return .missing }
      if document.isRevoked { return Found(document, .revoked) }
      guard document.expires + policy.staleSeconds > now else { return .missing }
    case .absent, .moved:
      // Nobody who asks again may be told that something does not exist for longer than that is believed.
      guard !document.isRevoked, !document.isStale(at: now) else { return .missing }
    }
    if document.isStale(at: now) { return Found(document, .stale) }
    guard kind.isDerived || kind.isSource || document.stamp == stamp(of: kind) || document.state != .present else {
      return Found(document, .stale)
    }
    return Found(document, .fresh)
  }

  // MARK: - What documents are made from

  /// Has derived documents computed anew whose origins have changed.
  func follow(_ keys: [CacheKey], _ found: inout [Found]) {
    for (index, key) in keys.enumerated() where key.kind.isDerived && found[index].isServable {
      guard let document = found[index].document, document.state == .present else { continue }
      // Where nobody can tell the state of the origin, the document is as good as it ever was.
      guard let expected = derivedStamp(of: document, key.kind, state: key.kind.origin.map { state(of: $0) }) else {
        continue
      }
      if document.stamp != expected { found[index].validity = .revoked }
    }
  }

  /// - Parameter state: that of the kind's origin, if it has one; the inner nil when nobody can tell.
  private func derivedStamp(of document: Document, _ kind: CacheKey.Kind, state: UInt64??) -> UInt64? {
    var stamp = stamp(of: kind)
    if let state {
      guard let state else { return nil }
      stamp = FNV.combine(stamp, state)
    }
    if kind.followsReferences {
      for mark in tier.get(document.references.map { markName($0) }) {
        stamp = FNV.combine(stamp, mark.map { FNV.hash($0) } ?? 0)
      }
    }
    return stamp
  }

  /// The state of an origin, asked for by one process every few seconds.
  func state(of origin: String) -> UInt64? {
    guard let watched = origins[origin] else { return 0 }
    let name = "\(prefix)origin:\(origin)"
    let tier = tier
    if let known = tier.get([name])[0] {
      if let state = UInt64(String(decoding: known, as: UTF8.self)) { return state }
      if known == DocumentStore.unknownState { return nil }
    }
    guard let state = watched() else {
      // Whoever is asked may hang: not everybody has to wait for it.
      tier.set([CacheItem(name, DocumentStore.unknownState, lifetime: 2)])
      return nil
    }
    tier.set([CacheItem(name, Array(String(state).utf8), lifetime: 10)])
    return state
  }

  /// Has the state of an origin asked for again, because it has just changed.
  public func originChanged(_ origin: String) { tier.delete("\(prefix)origin:\(origin)") }

  private static let unknownState = Array("unknown".utf8)

  func markName(_ id: MBID) -> String { "\(prefix)mark:\(id)" }
  var revocationsName: String { "\(prefix)revocations" }

  // MARK: - Storing

  /// Notes what is there before a computation.
  func openTicket(_ keys: [CacheKey]) -> Ticket {
    if isDirect { return openDirectTicket(keys) }
    let tier = tier
    var ticket = Ticket(tier: tier)
    let hot = keys.filter(\.kind.isHot)
    let follows = keys.contains { $0.kind.followsReferences }
    let values = tier.read(hot.map { name(of: $0) } + (follows ? [revocationsName] : []))
    var found = zip(hot, values).map { key, value in judge(value.value, key.kind) }
    follow(hot, &found)
    for (index, key) in hot.enumerated() {
      ticket.versions[key] = values[index].version
      ticket.found[key] = found[index]
    }
    noteOrigins(of: keys, in: &ticket)
    if follows { ticket.revocations = DocumentStore.number(values.last?.value) }
    if keys.contains(where: \.kind.isDurable) {
      withDurable { durable throws(SourceError) in ticket.revision = try durable.revision() }
    }
    return ticket
  }

  func noteOrigins(of keys: [CacheKey], in ticket: inout Ticket) {
    for key in keys {
      guard let origin = key.kind.origin, ticket.origins[origin] == nil else { continue }
      ticket.origins[origin] = state(of: origin)
    }
  }

  /// How many revocations there have been.
  var revocations: UInt64 { DocumentStore.number(tier.get([revocationsName])[0]) }

  private static func number(_ value: [UInt8]?) -> UInt64 {
    value.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) } ?? 0
  }

  /// Stores what was computed, in the shared tier now and in the durable one after the answer.
  ///
  /// - Returns: what was refused because it was overtaken.
  func store(_ documents: [CacheKey: Document], under ticket: Ticket) -> Set<CacheKey> {
    var stamped = documents
    for key in documents.keys { stamped[key] = stamp(documents[key], key, ticket) }
    noteAbsences(stamped)
    noteChanges(stamped, ticket)
    if isDirect { return storeDirectly(stamped, ticket) }
    let hot = stamped.filter(\.key.kind.isHot)
    let tier = tier
    var refused: Set<CacheKey> = []
    if tier === ticket.tier {
      // What nobody looked for before the computation may be there already, and then is no older.
      let items = hot.map { key, document in
        ConditionalItem(item(key, document, for: tier), replacing: ticket.versions[key] ?? .missing)
      }
      for (key, outcome) in zip(hot.keys, tier.replace(items)) where outcome == .overtaken {
        if ticket.versions[key] != nil {
          refused.insert(key)
        } else if snapshot != nil, let document = hot[key] {
          replaceDeferral(of: key, with: document, in: tier)
        }
      }
    } else {
      // The shared tier has gone away or come back meanwhile; what is in the other cannot be told to be older or newer.
      _ = tier.replace(hot.map { ConditionalItem(item($0, $1, for: tier), replacing: .missing) })
    }
    if durable != nil {
      for (key, document) in stamped where key.kind.isDurable && !refused.contains(key) {
        unsaved[key] = Unsaved(document: { document }, revision: ticket.revision)
      }
    }
    return refused
  }

  private func stamp(_ document: Document?, _ key: CacheKey, _ ticket: Ticket) -> Document? {
    guard var document else { return nil }
    document.made = now()
    if document.said.seconds == 0 { document.said = document.made }
    guard document.state == .present else { return document }
    document.expires = spread(document.expires)
    guard key.kind.isDerived else {
      document.stamp = stamp(of: key.kind)
      return document
    }
    let state: UInt64?? = key.kind.origin.map { ticket.origins[$0] }
    document.stamp = derivedStamp(of: document, key.kind, state: state) ?? 0
    // Something was revoked while it was computed: whether it was this, nobody knows.
    if let revocations = ticket.revocations, self.revocations != revocations { document.stamp = 0 }
    return document
  }

  /// By how much what lives for so many seconds may go stale before its time.
  public func spread(of seconds: Int64) -> Int64 { seconds / 100 * policy.spreadPercent }

  /// A little earlier, each by another amount: what was computed together must not go stale together.
  private func spread(_ expires: UnixTime) -> UnixTime {
    let most = spread(of: expires - now())
    return most > 0 ? expires + -Int64.random(in: 0...most) : expires
  }

  /// Has lists go that name something that has changed.
  private func noteChanges(_ documents: [CacheKey: Document], _ ticket: Ticket) {
    for (key, document) in documents where key.kind.isEntity {
      guard let old = ticket.found[key]?.document, old.fingerprint != document.fingerprint else { continue }
      mark(key.id)
    }
  }

  /// Leaves a small mark beside each entity that does not exist: whoever learns of many entities that do can look for
  /// those marks at little cost.
  private func noteAbsences(_ documents: [CacheKey: Document]) {
    let marks = documents.filter { $0.key.kind.isEntity && $0.value.state == .absent }.map { key, document in
      CacheItem(absenceName(key), [1], lifetime: max(1, document.expires - now()))
    }
    if !marks.isEmpty { tier.set(marks) }
  }

  func mark(_ id: MBID) {
    let value = Array(String(UInt64.random(in: .min ... .max)).utf8)
    tier.set([CacheItem(markName(id), value, lifetime: DocumentStore.noteSeconds)])
  }

  /// Puts documents into the shared tier, or what takes its place, where there is nothing.
  private func share(_ documents: [CacheKey: Document]) {
    guard !documents.isEmpty else { return }
    let tier = tier
    let hot = documents.filter(\.key.kind.isHot)
    let outcomes = tier.replace(hot.map { ConditionalItem(item($0, $1, for: tier), replacing: .missing) })
    for ((key, document), outcome) in zip(hot, outcomes) where outcome == .overtaken {
      // What cannot be served would be in the way for as long as it lives.
      let there = tier.read([name(of: key)])[0]
      guard let version = there.version, judge(there.value, key.kind).validity == .missing else { continue }
      _ = tier.replace([ConditionalItem(item(key, document, for: tier), replacing: version)])
    }
  }

  func item(_ key: CacheKey, _ document: Document, for tier: any CacheTier) -> CacheItem {
    let left = document.expires - now()
    var lifetime =
      switch document.state {
      case .present: max(left, 0) + policy.staleSeconds
      // That something does not exist is not worth keeping for longer than it is believed.
      case .absent, .moved, .deferred: left
      case .revoked: DocumentStore.markSeconds
      }
    if tier === memory, shared != nil || durable != nil { lifetime = min(lifetime, DocumentStore.privateSeconds) }
    return CacheItem(name(of: key), document.encoded(), lifetime: max(lifetime, 1))
  }

  func withDurable(_ work: (any DurableTier) throws(SourceError) -> Void) {
    guard let durable, durable.isAvailable else { return }
    do throws(SourceError) {
      try work(durable)
    } catch {
      // A tier that is asked for every request tells once itself what is wrong.
      logger.log(
        level: durable.isImmediate ? .debug : .warning, "the durable cache is left out",
        metadata: ["reason": "\(error)"])
    }
  }
}
