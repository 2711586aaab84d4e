internal import Core
internal import Documents

/// How documents are kept where the durable tier answers in microseconds, as SQLite does, and no other tier of the pool
/// holds documents: only there, each once. All of what is different then is here.
///
/// The durable tier's revisions take the place of the shared tier's versions. What cannot be stored is kept in the
/// memory of the process for a minute, and saved later.
extension DocumentStore {
  func storedDirectly(_ keys: [CacheKey]) -> [Found] {
    var found = [Found](repeating: .missing, count: keys.count)
    withDurable { durable throws(SourceError) in
      found = zip(keys, try durable.get(keys)).map { key, document in
        document.map { judge($0, key.kind) } ?? .missing
      }
    }
    if !unheard.durable.isEmpty {
      for (index, key) in keys.enumerated() where unheard.durable.contains(key) && found[index].document != nil {
        found[index].validity = .revoked
      }
    }
    if !memory.isEmpty {
      let own = zip(keys, memory.get(keys.map { name(of: $0) })).map { judge($1, $0.kind) }
      for index in keys.indices where found[index].validity != .fresh && own[index].isServable {
        found[index] = own[index]
      }
    }
    follow(keys, &found)
    return found
  }

  func openDirectTicket(_ keys: [CacheKey]) -> Ticket {
    var ticket = Ticket(tier: tier)
    // Before the look: what is stored between the two has a later revision.
    withDurable { durable throws(SourceError) in ticket.revision = try durable.revision() }
    for (key, found) in zip(keys, storedDirectly(keys)) { ticket.found[key] = found }
    noteOrigins(of: keys, in: &ticket)
    if keys.contains(where: \.kind.followsReferences) { ticket.revocations = revocations }
    return ticket
  }

  /// Stores what was computed before the lease is given back: whoever waits for it looks there.
  func storeDirectly(_ documents: [CacheKey: Document], _ ticket: Ticket) -> Set<CacheKey> {
    var refused: Set<CacheKey>?
    withDurable { durable throws(SourceError) in
      refused = try durable.set(documents, revision: ticket.revision)
    }
    if let refused {
      if !memory.isEmpty { forgetOwn(documents.keys) }
      return refused
    }
    memory.set(documents.map { item($0, $1, for: memory) })
    for (key, document) in documents { unsaved[key] = unsaved({ document }, ticket) }
    return []
  }

  /// Drops what this process has kept to itself.
  func forgetOwn(_ keys: some Sequence<CacheKey>) {
    for key in keys { memory.delete(name(of: key)) }
  }
}
