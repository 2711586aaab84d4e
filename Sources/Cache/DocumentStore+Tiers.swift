internal import Core
internal import Documents
internal import Logging
internal import Observe

extension DocumentStore {
  /// What a process keeps to itself while the shared tier is away is not seen by invalidation, so not for long.
  static let privateSeconds: Int64 = 20
  /// A mark of revocation has to outlive the longest computation.
  static let markSeconds: Int64 = 3_600
  /// What lists are compared with has to outlive the lists.
  static let noteSeconds: Int64 = 30 * 86_400

  var tier: any CacheTier { shared.orWhileAway(memory) }

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
    let before = activity.enter(.cache)
    defer { activity.return(to: before) }
    let found = foundAnywhere(keys)
    counts.note(found)
    return found
  }

  private func foundAnywhere(_ keys: [CacheKey]) -> [Found] {
    var found = stored(keys)
    if isDirect {
      counts.note(found, in: .durable)
    } else {
      counts.note(found, keys, in: tier === memory ? .memory : .shared)
    }
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
      counts.note(documents, in: .durable)
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
      // What nobody has asked for must not take the place of what people ask for.
      if ticket?.isRenewal != true { share(kept) }
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
  func derivedStamp(of document: Document, _ kind: CacheKey.Kind, state: UInt64??) -> UInt64? {
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
