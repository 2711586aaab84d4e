internal import Core
internal import Documents

/// Keeping what was computed, where nothing newer is.
extension DocumentStore {
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
    var hot = stamped.filter(\.key.kind.isHot)
    // What nobody has asked for must not take the place of what people ask for.
    if ticket.isRenewal { hot = hot.filter { key, _ in ticket.versions[key].map { $0 != .missing } ?? false } }
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
        unsaved[key] = unsaved({ document }, ticket)
      }
    }
    return refused
  }

  func unsaved(_ document: @escaping () -> Document, _ ticket: Ticket) -> Unsaved {
    Unsaved(document: document, revision: ticket.revision, isForPeople: !ticket.isRenewal)
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
      let old = ticket.found[key]?.document?.fingerprint ?? ticket.fingerprints[key]
      guard let old, old != document.fingerprint else { continue }
      mark([key.id], for: DocumentStore.noteSeconds)
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

  func mark(_ ids: Set<MBID>, for seconds: Int64) {
    guard !ids.isEmpty else { return }
    tier.set(
      ids.map { id in
        CacheItem(markName(id), Array(String(UInt64.random(in: .min ... .max)).utf8), lifetime: seconds)
      })
  }

  /// Puts documents into the shared tier, or what takes its place, where there is nothing.
  func share(_ documents: [CacheKey: Document]) {
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
}
