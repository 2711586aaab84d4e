public import Cache
public import Core
public import HTTP
public import Logging
public import Metadata

/// MusicBrainz' web service (ws/2): the same documents as from the database, in many requests at the permitted rate.
///
/// What takes more requests than the deadline has room for is thrown as not answered in time; what came is kept on the
/// shelf, and the next who asks goes on from there.
public final class MusicBrainzWebService: MetadataSource {
  let client: WebServiceClient
  private let options: WebServiceOptions
  let coordination: any Coordination
  private let record: AnswerRecord

  /// How many requests this process has sent.
  public var requests: Int { client.requests }

  /// - Parameters:
  ///   - fetcher: introduces itself as MusicBrainz wants it.
  ///   - shared: the tier that all processes share; nil when there is none.
  public convenience init(
    _ options: WebServiceOptions, fetcher: any HTTPFetcher, shared: (any CacheTier)?, coordination: any Coordination,
    logger: Logger
  ) {
    let host = Origin(of: options.baseURL).map { "\($0.host):\($0.port)" } ?? "nowhere"
    let baton: any Baton =
      shared.map { TierBaton($0, namespace: options.namespace, name: host, boot: BootTime.id) }
      ?? FileBaton(path: options.lockPath, boot: BootTime.id)
    self.init(
      options, fetcher: fetcher, shared: shared, coordination: coordination,
      pace: Pace(
        baton, interval: options.intervalMilliseconds, name: WebServiceClient.name, people: People(coordination)),
      logger: logger)
  }

  init(
    _ options: WebServiceOptions, fetcher: any HTTPFetcher, shared: (any CacheTier)?, coordination: any Coordination,
    pace: Pace, logger: Logger
  ) {
    self.options = options
    self.coordination = coordination
    record = AnswerRecord(shared: shared, namespace: options.namespace)
    client = WebServiceClient(
      options, fetcher: fetcher, pace: pace,
      shelf: PageShelf(
        shared: shared, memory: MemoryTier(limit: MusicBrainzWebService.shelfBytes), namespace: options.namespace),
      coordination: coordination, record: record, logger: logger)
  }

  /// What a process keeps of answers while no tier is shared, in bytes.
  private static let shelfBytes = 32 << 20

  public func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
    try each(ids) { id throws(SourceError) in
      try bring(id, by: deadline)
      return try artist(id, anew: false, by: deadline)
    }
  }

  public func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography] {
    try each(ids) { id throws(SourceError) in
      try settled { isAnew throws(SourceError) in
        guard let artist = try artist(id, anew: isAnew, by: deadline) else { return .absent }
        guard !albumless.contains(artist.id) else { return .found(Discography(artist: artist, albums: [])) }
        guard let albums = try albums(of: artist.id, anew: isAnew, by: deadline) else { return .changed }
        return .found(Discography(artist: artist, albums: albums))
      }
    }
  }

  public func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
    try each(ids) { id throws(SourceError) in
      try settled { isAnew throws(SourceError) in
        let found = try client.look(up: id, Question.releaseGroup, anew: isAnew, by: deadline, Album.init(ws2:))
        guard var album = found else { return .absent }
        if album.id != id { album.mergedIDs = [id] }
        guard let pressings = try pressings(of: album.id, anew: isAnew, by: deadline) else { return .changed }
        album.add(pressings.entries)
        if pressings.isFresh { note(pressings.entries) }
        return .found(album)
      }
    }
  }

  /// ws/2 does not tell.
  public func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }

  public func forget(_ entity: EntityID) {
    switch entity {
    case .artist(let id):
      client.shelf.forget(.artist(id))
      client.shelf.forget(.release(with: id))
      client.shelf.forget(.indexedGroups(of: id, at: 0))
      client.shelf.forget(ListQuestion.releaseGroups(of: id).page(at: 0))
      client.shelf.forget(ListQuestion.releases(of: .artist, id).page(at: 0))
    case .album(let id):
      client.shelf.forget(.releaseGroup(id))
      client.shelf.forget(ListQuestion.releases(of: .releaseGroup, id).page(at: 0))
    }
  }

  // MARK: - Parts

  private func artist(_ id: MBID, anew isAnew: Bool, by deadline: Deadline) throws(SourceError) -> Artist? {
    var artist = try client.look(up: id, Question.artist, anew: isAnew, by: deadline, Artist.init(ws2:))
    // Of all the ids that were merged into it, ws/2 tells of the one that was asked for.
    if let survivor = artist?.id, survivor != id { artist?.mergedIDs = [id] }
    return artist
  }

  // MARK: - Asking

  private enum Attempt<Entity> {
    case found(Entity)
    case absent
    /// Somebody has merged or deleted it while its pages were read.
    case changed
  }

  /// Has an entity read from its beginning until its parts fit together.
  private func settled<Entity>(
    _ read: (_ isAnew: Bool) throws(SourceError) -> Attempt<Entity>
  ) throws(SourceError) -> Entity? {
    for attempt in 0..<WebServiceClient.mostAttempts {
      switch try read(attempt > 0) {
      case .found(let entity): return entity
      case .absent: return nil
      case .changed: continue
      }
    }
    throw WebServiceClient.failure("what is asked for keeps changing")
  }

  /// Asks for one entity after the other. Where one cannot be had, the others are asked for all the same, for the sake of
  /// whoever tries again.
  func each<Entity>(
    _ ids: [MBID], _ ask: (MBID) throws(SourceError) -> Entity?
  ) throws(SourceError) -> [MBID: Entity] {
    var found: [MBID: Entity] = [:]
    var asked: Set<MBID> = []
    var failure: SourceError?
    for id in ids where asked.insert(id).inserted {
      do throws(SourceError) {
        found[id] = try ask(id)
      } catch {
        guard error.code == .failed else { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return found
  }
}

extension MusicBrainzWebService {
  /// How ws/2 is, without asking it.
  public struct State: Equatable, Sendable {
    /// A few words.
    public var detail: String
    public var isUp: Bool
    /// Whether it may be asked now.
    public var canAsk: Bool
    /// Whether somebody has to set it up first.
    public var isToBeSetUp = false
  }

  public var state: State {
    if let prohibition = options.prohibition {
      return State(detail: prohibition, isUp: false, canAsk: false, isToBeSetUp: true)
    }
    if coordination.arePaused([WebServiceClient.breakerName])[0] {
      return State(detail: "web service: keeps failing, left alone for a moment", isUp: false, canAsk: false)
    }
    guard let last = record.last else { return State(detail: "web service, not asked yet", isUp: true, canAsk: true) }
    let ago = max(0, UnixTime.now - last.time)
    switch last.outcome {
    case .answered: return State(detail: "web service, last answer \(ago) s ago", isUp: true, canAsk: true)
    case .failed: return State(detail: "web service, failed \(ago) s ago", isUp: false, canAsk: true)
    case .paused(let seconds) where ago < seconds:
      return State(detail: "web service: left alone for \(seconds - ago) s, as it asked", isUp: true, canAsk: false)
    case .paused: return State(detail: "web service, was left alone as it asked", isUp: true, canAsk: true)
    }
  }
}
