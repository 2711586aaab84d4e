internal import Cache
internal import Core
internal import Logging
internal import Metadata

/// One run along a feed, from the bookmarks to its end.
struct FeedFollower {
  var run = InvalidationRun()
  private let invalidator: Invalidator
  private let feed: ChangeFeedReader
  private var bookmarks: Bookmarks
  private let deadline: Deadline
  private let report: (EntityChanges) -> Void
  /// So many batches may find that somebody else has moved their bookmark, before this is left to that process.
  private var collisions = 3

  init(
    _ invalidator: Invalidator, _ feed: ChangeFeedReader, _ bookmarks: Bookmarks, until deadline: Deadline,
    _ report: @escaping (EntityChanges) -> Void
  ) {
    self.invalidator = invalidator
    self.feed = feed
    self.bookmarks = bookmarks
    self.deadline = deadline
    self.report = report
  }

  private var store: DocumentStore { invalidator.store }

  /// The durable tier first. As long as the shared tier is where that is, it goes along; what it has missed follows.
  mutating func follow(started: UnixTime) throws(SourceError) {
    if bookmarks.durable != nil { try followDurably() }
    if store.hasOwnShared {
      try followShared()
      bookmarks.copyShared()
    } else if !store.hasDurable {
      try followAlone(from: started)
    }
  }

  private mutating func followDurably() throws(SourceError) {
    while run.ending == .finished, let place = bookmarks.durable {
      guard let reading = try next(after: place) else { return }
      do throws(SourceError) {
        try takeEffectDurably(reading, isShared: bookmarks.shared == place)
      } catch {
        invalidator.logger.warning("changes take effect later", metadata: ["reason": "\(error)"])
        run.missed.insert(.durable)
        return bookmarks.durableIsAway()
      }
      if reading.isLast { return }
    }
  }

  /// - Parameter isShared: whether the shared tier's bookmark moves as well. It hears of it in any case: until now it may
  ///   have taken over what the durable tier had.
  private mutating func takeEffectDurably(
    _ reading: ChangeFeedReader.Reading, isShared: Bool
  ) throws(SourceError) {
    expire(reading)
    var moves: [BookmarkMove] = []
    if let move = bookmarks.durableMove(to: reading.position) { moves.append(move) }
    // Before the first run nobody has been told anything: there is nothing in which a gap could be.
    if reading.hasGap, !bookmarks.isFirst { moves += try Gaps(store).opening(at: invalidator.now()) }
    // Who purges is told before the bookmark moves, and not before everything else has happened: a cache that asks
    // again must not be given the old answer.
    let isPurged = invalidator.purging != nil && !reading.changes.isEmpty
    var haveMoved = true
    if !reading.documents.isEmpty || (!moves.isEmpty && !isPurged) {
      haveMoved = try store.revokeDurably(reading.documents, moving: isPurged ? [] : moves)
    }
    let haveHeard = store.revokeShared(reading.documents)
    if isPurged {
      try invalidator.purging?.purge(reading.changes)
      if !moves.isEmpty { haveMoved = try store.revokeDurably([], moving: moves) }
    }
    note(reading)
    bookmarks.durableHasMoved(to: reading.position)
    if isShared, haveHeard { bookmarks.moveShared(to: reading.position) }
    if !haveMoved { try lookAgain() }
  }

  /// Somebody else has moved the bookmark, so this goes on from where that one is.
  private mutating func lookAgain() throws(SourceError) {
    collisions -= 1
    guard collisions > 0 else { throw SourceError(.failed, "another process moves the bookmark") }
    let position = bookmarks.durable ?? ""
    bookmarks = try Bookmarks(feed.name, store) { () throws(SourceError) in
      position
    } whenAway: { _ in
    }
  }

  private mutating func followShared() throws(SourceError) {
    // With a durable tier the parts that are there have heard above. Without one they hear as far as this process knows.
    guard store.isSharedWhole else {
      run.missed.insert(.shared)
      if !store.hasDurable { try followPartly() }
      return
    }
    while run.ending == .finished, let place = bookmarks.shared {
      if let durable = bookmarks.durable, place == durable { return }
      guard let reading = try next(after: place) else { return }
      expire(reading)
      guard store.revokeShared(reading.documents) else {
        run.missed.insert(.shared)
        return
      }
      try tell(reading)
      if reading.hasGap, !store.hasDurable { invalidator.logger.error("\(Gaps.advice)") }
      bookmarks.moveShared(to: reading.position)
      if reading.isLast { return }
    }
  }

  /// Some of the shared tier's servers are away, and there is no durable tier: the others need not wait for them.
  private mutating func followPartly() throws(SourceError) {
    try advance(from: invalidator.reached[feed.name] ?? bookmarks.shared)
  }

  /// There is nothing but the memory of this process.
  private mutating func followAlone(from started: UnixTime) throws(SourceError) {
    if invalidator.reached[feed.name] == nil {
      invalidator.reached[feed.name] = try feed.begin(started, invalidator.question(deadline))
    }
    try advance(from: invalidator.reached[feed.name])
  }

  private mutating func advance(from position: String?) throws(SourceError) {
    var place = position
    while run.ending == .finished, let current = place {
      guard let reading = try next(after: current) else { return }
      expire(reading)
      _ = store.revokeShared(reading.documents)
      try tell(reading)
      invalidator.reached[feed.name] = reading.position
      place = reading.isLast ? nil : reading.position
    }
  }

  // MARK: - Steps

  /// - Returns: nil when the time is up.
  private mutating func next(after position: String) throws(SourceError) -> ChangeFeedReader.Reading? {
    guard deadline.beat(), !deadline.hasPassed else {
      run.ending = .stopped
      return nil
    }
    do throws(SourceError) {
      return try feed.read(position, invalidator.options.rows, invalidator.question(deadline))
    } catch {
      // Told to stop in the middle of a question: nothing has failed.
      guard error.code == .timedOut, deadline.hasPassed else { throw error }
      run.ending = .stopped
      return nil
    }
  }

  private func expire(_ reading: ChangeFeedReader.Reading) {
    guard !reading.answers.isEmpty else { return }
    store.expire(reading.answers)
    store.catchUp()
  }

  private mutating func tell(_ reading: ChangeFeedReader.Reading) throws(SourceError) {
    if !reading.changes.isEmpty { try invalidator.purging?.purge(reading.changes) }
    note(reading)
  }

  private mutating func note(_ reading: ChangeFeedReader.Reading) {
    run.add(reading)
    if !reading.changes.isEmpty { report(reading.changes) }
  }
}
