public import Core
public import Documents
internal import Logging
internal import Observe

extension DocumentStore {
  /// What is to be done once the answer has been sent.
  struct Work {
    /// Returns whether it was done, or need not be tried again.
    var run: (Deadline) -> Bool
  }

  private static let mostWork = 64
  private static let mostUnsaved = 1_000
  /// The least time between two looks whether somebody waits, in milliseconds. Work that waits for a server looks twice
  /// a second.
  private static let lookMilliseconds = 50
  /// How long whoever comes waits for something to be saved: a server that is only slow is to get it done.
  private static let saveMilliseconds = 250
  private static let workLeaseSeconds: Int64 = 3

  /// Whether ``catchUp(whileNobodyWaits:)`` would do anything now.
  public var isBehind: Bool {
    !work.isEmpty || durable?.needsTending ?? false
      || (!(unsaved.isEmpty && unheard.durable.isEmpty) && durable?.isAvailable ?? false)
      || (!unheard.shared.isEmpty && shared?.isAvailable ?? false)
  }

  /// Whether something waits for a tier that may be away.
  public var hasBacklog: Bool { !(unsaved.isEmpty && unheard.durable.isEmpty && unheard.shared.isEmpty) }

  /// Does what can wait until the answer has been sent: computes what was served stale, unless another process of the
  /// pool is doing so or has just failed, and saves what was computed in the durable tier.
  ///
  /// Each piece of work has a few seconds. It is dropped soon after somebody waits to be served, and is then done after
  /// a later answer. Only some processes of the pool work at a time.
  public func catchUp(whileNobodyWaits isSomebodyWaiting: () -> Bool = { false }) {
    withoutActuallyEscaping(isSomebodyWaiting) { isSomebodyWaiting in
      save(whileNobodyWaits: isSomebodyWaiting)
      if !work.isEmpty, let place = takePlace() {
        defer { if case .held(let lease) = place { coordination.release(lease) } }
        doWork(place, whileNobodyWaits: isSomebodyWaiting)
      }
      durable?.tend(whileNobodyWaits: isSomebodyWaiting)
    }
  }

  private func doWork(_ place: LeaseOutcome, whileNobodyWaits isSomebodyWaiting: @escaping () -> Bool) {
    for (key, piece) in work {
      guard !isSomebodyWaiting() else { return }
      var beats = 0
      let pulse = Pulse(every: DocumentStore.lookMilliseconds) { [coordination, activity] in
        beats += 1
        activity.beat()
        if beats % 20 == 0, case .held(let lease) = place {
          _ = coordination.renew(lease, seconds: DocumentStore.workLeaseSeconds)
        }
        return !isSomebodyWaiting()
      }
      durable?.pulse = pulse
      let isDone = piece.run(.after(milliseconds: policy.workMilliseconds, awaited: false).with(pulse))
      if isDone || !pulse.hasStopped { work[key] = nil }
      save(whileNobodyWaits: isSomebodyWaiting)
    }
  }

  /// One of the places for those who work; nil when all are taken.
  private func takePlace() -> LeaseOutcome? {
    for number in 0..<max(1, policy.workers) {
      let outcome = coordination.acquire("work:\(number)", seconds: DocumentStore.workLeaseSeconds)
      if case .busy = outcome { continue }
      return outcome
    }
    return nil
  }

  private func note(_ key: CacheKey, _ run: @escaping (Deadline) -> Bool) {
    guard work[key] != nil || work.count < DocumentStore.mostWork else { return }
    work[key] = Work(run: run)
  }

  /// Does something once the answer has been sent. A later call for the same key takes the place of an earlier one.
  ///
  /// - Parameter run: returns whether it was done, or need not be tried again.
  public func doAfterwards(_ key: CacheKey, _ run: @escaping (Deadline) -> Bool) { note(key, run) }

  // MARK: - Computing anew

  func noteStale<Failure: SourceFailure>(
    _ keys: [CacheKey], _ found: [Found], _ compute: @escaping Compute<Failure>
  ) {
    let stale = keys.indices.filter { found[$0].validity == .stale }.map { keys[$0] }
    guard let first = stale.first else { return }
    note(first) { [unowned self] deadline in refresh(stale, by: deadline, compute) }
  }

  /// Has documents computed again once the answer has been sent: they were just computed, and are good enough for it
  /// but incomplete. `compute` continues from what the source said for them, so nothing is done if they have been
  /// revoked or replaced meanwhile.
  public func refreshAfterwards<Failure: SourceFailure>(
    _ documents: [CacheKey: Document], compute: @escaping Compute<Failure>
  ) {
    guard let first = documents.keys.first else { return }
    let keys = Array(documents.keys)
    let fingerprints = documents.mapValues(\.fingerprint)
    let revision = ticket?.revision
    note(first) { [unowned self] deadline in
      refresh(keys, continuing: (fingerprints, revision), by: deadline, compute)
    }
  }

  /// Saves a document once the answer has been sent, such as what the source said: the answer itself does not need it.
  public func keepAfterwards(_ key: CacheKey, _ document: @escaping () -> Document) {
    guard durable != nil, let ticket else { return }
    let made = now()
    unsaved[key] = unsaved(
      {
        var document = document()
        document.made = made
        if document.said.seconds == 0 { document.said = made }
        return document
      }, ticket)
  }

  private func refresh<Failure: SourceFailure>(
    _ keys: [CacheKey], continuing: (fingerprints: [CacheKey: UInt64], revision: Int64?)? = nil,
    by deadline: Deadline, _ compute: Compute<Failure>
  ) -> Bool {
    let name = leaseName(of: keys[0])
    guard !coordination.arePaused([name])[0] else { return true }
    var lease: Lease?
    switch coordination.acquire(name, seconds: Int64(policy.workMilliseconds / 1_000) + 3) {
    case .held(let held): lease = held
    case .unavailable: break
    case .busy: return true
    }
    defer { if let lease { coordination.release(lease) } }
    // Whoever served it stale as well may have been faster, and have let go of the lease already.
    if continuing == nil, stored(keys).allSatisfy({ $0.validity == .fresh }) { return true }
    var ticket = openTicket(keys)
    if let continuing {
      let isStillThere = keys.allSatisfy { key in
        let found = ticket.found[key] ?? .missing
        return found.isServable && found.document?.fingerprint == continuing.fingerprints[key]
      }
      guard isStillThere else { return true }
      ticket.revision = continuing.revision
    }
    do {
      self.ticket = ticket
      defer { self.ticket = nil }
      let computed = try activity.during(.source) { () throws(Failure) in try compute(keys, deadline) }
      // Stopped for the sake of somebody who waits: what providers had no time for is not in it.
      guard deadline.beat() else { return false }
      _ = store(computed, under: self.ticket ?? ticket)
      return true
    } catch {
      // Stopped for the sake of somebody who waits: nothing has failed.
      guard deadline.beat() else { return false }
      coordination.pause(name, seconds: policy.refreshPause)
      logger.warning(
        "refresh failed, the stale document stays", metadata: ["key": "\(keys[0].id)", "reason": "\(error)"])
      return true
    }
  }

  // MARK: - Saving

  private func save(whileNobodyWaits isSomebodyWaiting: @escaping () -> Bool) {
    durable?.pulse = Pulse(every: DocumentStore.saveMilliseconds) { !isSomebodyWaiting() }
    defer { durable?.pulse = nil }
    revokeUnheard()
    save()
  }

  /// Tells the durable tier what was computed. What it does not take now is kept and tried again.
  private func save() {
    guard let durable else { return }
    if durable.isAvailable { attempt { durable throws(SourceError) in try durable.prepare() } }
    guard !unsaved.isEmpty, durable.isAvailable else { return drop() }
    defer { durable.isForPeople = true }
    let batches = Dictionary(grouping: unsaved, by: \.value.batch)
    for (batch, entries) in batches.sorted(by: { ($0.key.revision ?? 0) < ($1.key.revision ?? 0) }) {
      let revision = batch.revision
      durable.isForPeople = batch.isForPeople
      let documents = entries.map { (key: $0.key, document: $0.value.document()) }
      let present = documents.filter { isDirect || $0.document.state == .present }
      let others = documents.filter { !isDirect && $0.document.state != .present }.map(\.key)
      let isSaved = attempt { durable throws(SourceError) in
        if !present.isEmpty {
          let refused = try durable.set(
            Dictionary(uniqueKeysWithValues: present.map { ($0.key, $0.document) }), revision: revision)
          // Somebody revoked or replaced it whom the shared tier knows nothing of.
          if revision != nil, !refused.isEmpty, !isDirect { revokeHot(refused.filter(\.kind.isHot)) }
        }
        // That something is gone or has moved is found out again soon enough; a list of what there is must not hold it.
        if !others.isEmpty { try durable.forget(others, revision: revision) }
      }
      guard isSaved else { return drop() }
      for entry in entries { unsaved[entry.key] = nil }
    }
  }

  /// Makes room when the durable tier has been away for long: what goes is computed again when it is asked for.
  private func drop() {
    guard unsaved.count > DocumentStore.mostUnsaved else { return }
    logger.warning("too much is waiting for the durable cache, some of it is dropped")
    for key in unsaved.keys.prefix(unsaved.count - DocumentStore.mostUnsaved) { unsaved[key] = nil }
  }

  @discardableResult
  func attempt(_ work: (any DurableTier) throws(SourceError) -> Void) -> Bool {
    var hasSucceeded = false
    withDurable { durable throws(SourceError) in
      try work(durable)
      hasSucceeded = true
    }
    return hasSucceeded
  }
}
