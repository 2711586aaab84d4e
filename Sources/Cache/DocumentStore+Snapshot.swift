internal import Core
public import Documents

extension DocumentStore {
  /// For how long a note is believed that says that the durable tier has nothing newer than the snapshot. Whoever stores
  /// or revokes a document replaces the note.
  private static let deferralSeconds: Int64 = 3_600

  /// What the snapshot has where the shared tier, or what takes its place, has nothing that is certain to be newer.
  func snapshots(under found: [Found], _ keys: [CacheKey]) -> [Document?] {
    guard let snapshot else { return [] }
    let isNeeded = found.map { ($0.document?.said ?? UnixTime(seconds: 0)) < snapshot.newest }
    guard isNeeded.contains(true) else { return [] }
    var documents = snapshot.get(keys)
    for index in documents.indices where !isNeeded[index] || (isDistrustful && documents[index]?.isIntact == false) {
      documents[index] = nil
    }
    return documents
  }

  /// Puts what the snapshot has in the place of what is missing or older.
  ///
  /// - Parameter asked: for which keys the durable tier has just been asked.
  func underlay(_ found: inout [Found], _ keys: [CacheKey], with snapshots: [Document?], asked: Set<Int>) {
    var settled: [CacheKey] = []
    for (index, document) in snapshots.enumerated() {
      guard let document else { continue }
      if let stored = found[index].document, stored.said >= document.said { continue }
      // What was revoked is computed anew first, whoever has an older one.
      let isRevoked = found[index].validity == .revoked
      found[index] = judge(snapshot: document)
      if isRevoked { found[index].validity = .revoked }
      if !isRevoked, asked.contains(index), keys[index].kind.isHot { settled.append(keys[index]) }
    }
    guard let snapshot, !settled.isEmpty else { return }
    let tier = tier
    let note = Document.deferred(stamp: snapshot.stamp, expires: now() + DocumentStore.deferralSeconds)
    _ = tier.replace(settled.map { ConditionalItem(item($0, note, for: tier), replacing: .missing) })
  }

  /// A note that the snapshot has the newest must not hide a newer document.
  func replaceDeferral(of key: CacheKey, with document: Document, in tier: any CacheTier) {
    let there = tier.read([name(of: key)])[0]
    guard let version = there.version, let value = there.value, Document(encoded: value)?.state == .deferred else {
      return
    }
    _ = tier.replace([ConditionalItem(item(key, document, for: tier), replacing: version)])
  }

  /// A snapshot does not go stale: it is replaced as a whole, and what is known to be newer is in the other tiers.
  private func judge(snapshot document: Document) -> Found {
    var document = document
    document.expires = now() + policy.snapshotSeconds
    return Found(document, .fresh)
  }

  /// Whether there is a snapshot to answer from.
  public var hasSnapshot: Bool { snapshot != nil }

  /// What the snapshot has, whether or not there is something newer.
  public func snapshot(_ keys: [CacheKey]) -> [Document?] {
    snapshot?.get(keys) ?? [Document?](repeating: nil, count: keys.count)
  }
}
