internal import Core
internal import Documents
internal import Logging

extension DocumentStore {
  /// Has documents computed again before they are next served, and refuses the results of computations under way. The
  /// old documents are kept until that has succeeded.
  public func revoke(_ keys: [CacheKey]) {
    guard !keys.isEmpty else { return }
    for key in keys { unsaved[key] = nil }
    if durable != nil {
      unheard.durable.formUnion(isDirect ? keys : keys.filter(\.kind.isDurable))
      revokeUnheardDurably()
    }
    if isDirect { forgetOwn(keys) } else { revokeHot(keys.filter(\.kind.isHot)) }
    noteRevocations(of: keys)
  }

  /// Tells the tiers of what was revoked while they were away. They still have what was there before, and take it for good.
  func revokeUnheard() {
    revokeUnheardDurably()
    guard !unheard.shared.isEmpty, shared?.isAvailable ?? false else { return }
    let keys = unheard.shared
    unheard.shared = []
    revokeHot(Array(keys))
    noteRevocations(of: keys.subtracting(unheard.shared))
  }

  private func revokeUnheardDurably() {
    guard !unheard.durable.isEmpty else { return }
    if attempt({ durable throws(SourceError) in try durable.revoke(Array(unheard.durable)) }) {
      unheard.durable = []
    } else if unheard.durable.count > DocumentStore.mostUnheard {
      logger.warning("the durable cache is away for too long, it will not hear of all that was revoked")
      unheard.durable = []
    }
  }

  /// Has lists go that name what was revoked.
  ///
  /// - Parameter seconds: how long the lists are fresh that have to hear of it.
  func noteRevocations(of keys: some Sequence<CacheKey>, for seconds: Int64 = DocumentStore.noteSeconds) {
    // Counted first: a list whose computation has not seen the new count has seen nothing of the change either.
    if tier.increment(revocationsName, by: 1, lifetime: DocumentStore.noteSeconds) == nil {
      // What is there is no number; another one will do.
      let number = Array(String(UInt64.random(in: 0...UInt64.max / 2)).utf8)
      tier.set([CacheItem(revocationsName, number, lifetime: DocumentStore.noteSeconds)])
    }
    mark(Set(keys.filter(\.kind.isEntity).map(\.id)), for: seconds)
  }

  /// Whatever is there has another version afterwards, so that no computation that began before can replace it. What the
  /// shared tier does not hear of is told it again: see ``revokeUnheard()``.
  func revokeHot(_ keys: [CacheKey]) {
    let tier = tier
    let missed = revoke(keys, in: tier)
    guard shared != nil else { return }
    unheard.shared.formUnion(tier === memory ? keys : missed)
    if unheard.shared.count > DocumentStore.mostUnheard {
      logger.warning("the shared cache is away for too long, it will not hear of all that was revoked")
      unheard.shared = []
    }
    // It went away with this very question: from now on this process looks into its own memory.
    if tier !== memory, !missed.isEmpty, self.tier === memory { revokeHot(missed) }
  }

  /// - Returns: those that the tier has not heard of.
  func revoke(_ keys: [CacheKey], in tier: any CacheTier) -> [CacheKey] {
    var (open, missed) = (keys, [CacheKey]())
    // Somebody may store between the look and the change: it is revoked as well.
    for _ in 0..<3 where !open.isEmpty {
      let found = zip(open, tier.read(open.map { name(of: $0) }))
      missed += found.filter { $1.version == nil }.map(\.0)
      let items = found.compactMap { key, found -> (key: CacheKey, item: ConditionalItem)? in
        found.version.map { (key, ConditionalItem(item(key, revoked(found.value), for: tier), replacing: $0)) }
      }
      let outcomes = zip(items, tier.replace(items.map(\.item)))
      missed += outcomes.filter { $1 == .unavailable }.map(\.0.key)
      open = outcomes.filter { $1 == .overtaken }.map(\.0.key)
    }
    tier.set((open + missed).map { item($0, .revocation, for: tier) })
    return missed
  }

  private func revoked(_ value: [UInt8]?) -> Document {
    guard let value, var document = Document(encoded: value), document.state == .present else { return .revocation }
    document.expires = UnixTime(seconds: 0)
    return document
  }

  /// Forgets that entities do not exist, because another entity's document has just named them.
  public func forgetAbsence(of keys: [CacheKey]) {
    let names = keys.map { absenceName($0) }
    let tier = tier
    // Most exist or have never been asked for: one look, of which little comes back.
    for (key, mark) in zip(keys, tier.get(names)) where mark != nil {
      if isDirect { attempt { durable throws(SourceError) in try durable.revoke([key]) } }
      tier.delete(name(of: key))
      tier.delete(absenceName(key))
    }
  }

  func absenceName(_ key: CacheKey) -> String { "\(name(of: key)):absent" }
}
