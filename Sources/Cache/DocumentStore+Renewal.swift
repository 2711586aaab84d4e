public import Core
public import Documents

/// Making documents anew that nobody has asked for, before somebody does.
extension DocumentStore {
  /// What documents of a kind are due by besides their age; nil where stamps do not tell.
  public func dueStamp(of kind: CacheKey.Kind) -> UInt64? { kind.isSource || kind.isDerived ? nil : stamp(of: kind) }

  /// Computes documents that are due, and stores them as ``load(_:anticipating:by:compute:)`` does: what was revoked or
  /// replaced meanwhile stays. In the shared tier only those are replaced that are there.
  ///
  /// - Parameter compute: may leave out what is to stay as it is.
  public func renew<Failure: SourceFailure>(
    _ due: [DueDocument], by deadline: Deadline,
    compute: ([CacheKey], Deadline) throws(Failure) -> [CacheKey: Document]
  ) throws(Failure) {
    try renewing(due) { () throws(Failure) in
      let documents = try compute(due.map(\.key), deadline)
      if let ticket { _ = store(documents, under: ticket) }
    }
  }

  /// Runs `work`, which asks a source and puts what it answers under the keys of these documents.
  ///
  /// - Throws: also when the durable tier is away: nothing could be kept.
  public func renewing<Answer, Failure: SourceFailure>(
    _ due: [DueDocument], _ work: () throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    let outer = ticket
    var ticket = openTicket(due.map(\.key))
    // What is found out may be about other keys than those.
    if ticket.revision == nil {
      withDurable { durable throws(SourceError) in ticket.revision = try durable.revision() }
    }
    guard ticket.revision != nil else {
      throw Failure(SourceError(.unavailable, "the durable cache does not answer"))
    }
    ticket.isRenewal = true
    for due in due { ticket.fingerprints[due.key] = due.fingerprint }
    self.ticket = ticket
    durable?.isForPeople = false
    defer {
      self.ticket = outer
      durable?.isForPeople = true
    }
    return try work()
  }

  // MARK: - People

  private static let peopleName = "people"
  private static let peopleSeconds: Int64 = 2
  /// Between two times that a process says it, in nanoseconds.
  private static let sayInterval: UInt64 = 500_000_000

  /// Whether somebody waits for something that is computed, in whatever process.
  public var isSomebodyWaiting: Bool { coordination.arePaused([DocumentStore.peopleName])[0] }

  func saySomebodyWaits() {
    let now = Deadline.monotonicNanoseconds()
    guard durable != nil, now - saidSomebodyWaits >= DocumentStore.sayInterval else { return }
    saidSomebodyWaits = now
    coordination.pause(DocumentStore.peopleName, seconds: DocumentStore.peopleSeconds)
  }
}
