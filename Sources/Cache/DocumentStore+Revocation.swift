internal import Core
internal import Documents

extension DocumentStore {
  /// Has documents computed anew when they are next asked for, and refuses what is being computed now. What there is, is
  /// kept until that has succeeded.
  public func revoke(_ keys: [CacheKey]) {
    guard !keys.isEmpty else { return }
    for key in keys { unsaved[key] = nil }
    withDurable { durable throws(SourceError) in try durable.revoke(keys.filter(\.kind.isDurable)) }
    revokeHot(keys.filter(\.kind.isHot))
    for id in Set(keys.filter(\.kind.isEntity).map(\.id)) { mark(id) }
    _ = tier.increment(revocationsName, by: 1, lifetime: 30 * 86_400)
  }

  /// Whatever is there has another version afterwards, so that no computation that began before can replace it.
  func revokeHot(_ keys: [CacheKey]) {
    let tier = tier
    var open = keys
    // Somebody may store between the look and the change: it is revoked as well.
    for _ in 0..<3 where !open.isEmpty {
      let items = zip(open, tier.read(open.map { name(of: $0) })).compactMap { key, found -> ConditionalItem? in
        found.version.map { ConditionalItem(item(key, revoked(found.value), for: tier), replacing: $0) }
      }
      guard items.count == open.count else { break }
      open = zip(open, tier.replace(items)).compactMap { $1 == .overtaken ? $0 : nil }
    }
    tier.set(open.map { item($0, .revocation, for: tier) })
  }

  private func revoked(_ value: [UInt8]?) -> Document {
    guard let value, var document = Document(encoded: value), document.state == .present else { return .revocation }
    document.expires = UnixTime(seconds: 0)
    return document
  }

  /// Forgets that something does not exist, because something else has just said that it does.
  public func forgetAbsence(of keys: [CacheKey]) {
    let names = keys.map { absenceName($0) }
    let tier = tier
    // Most exist or have never been asked for: one look, of which little comes back.
    for (key, mark) in zip(keys, tier.get(names)) where mark != nil {
      tier.delete(name(of: key))
      tier.delete(absenceName(key))
    }
  }

  func absenceName(_ key: CacheKey) -> String { "\(name(of: key)):absent" }
}
