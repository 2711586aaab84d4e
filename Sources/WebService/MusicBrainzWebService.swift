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
  private let coordination: any Coordination
  private let record: AnswerRecord
  /// nil: every group is asked for its releases.
  public var counting: (any ReleaseCounting)?
  /// nil: albums have no covers.
  public var covers: (any CoverArtSource)?

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
      pace: Pace(baton, interval: options.intervalMilliseconds, name: WebServiceClient.name), logger: logger)
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
    try each(ids) { id throws(SourceError) in try artist(id, anew: false, by: deadline) }
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
        album.add(pressings)
        covers?.addCovers(to: &album, pressings.compactMap(\.cover), by: deadline)
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
      client.shelf.forget(ListQuestion.releaseGroups(of: id).page(at: 0))
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

  /// The release groups whose credit begins with an artist.
  ///
  /// - Returns: nil when they are not those of the artist any more.
  private func albums(
    of artist: MBID, anew isAnew: Bool, by deadline: Deadline
  ) throws(SourceError) -> [AlbumSummary]? {
    let found = try client.list(.releaseGroups(of: artist), anew: isAnew, by: deadline, Group.init(ws2:))
    // A browse by an id that has meanwhile been merged is answered with what the survivor has.
    guard let found, found.allSatisfy({ $0.artists.contains(artist) }) else { return nil }
    let groups = found.filter { $0.artists.first == artist }
    let known = try pressingsByGroup(of: artist, groups, anew: isAnew, by: deadline)
    var albums: [AlbumSummary] = []
    for group in groups {
      var album = group.summary
      if let pressings = known[album.id] {
        album.statuses = pressings.statuses
      } else {
        // Those of a group are as good as new: what has changed since shows in the group.
        guard let pressings = try pressings(of: album.id, anew: false, by: deadline) else {
          client.shelf.forget(ListQuestion.releases(of: .releaseGroup, album.id).page(at: 0))
          return nil
        }
        album.statuses = pressings.statuses
      }
      albums.append(album)
    }
    return albums.sorted { left, right in
      let days = [left, right].map { $0.firstReleaseDate.calendarDate ?? (10_000, 1, 1) }
      if days[0] != days[1] { return days[0] < days[1] }
      return (left.id.high, left.id.low) < (right.id.high, right.id.low)
    }
  }

  /// The releases of a group.
  ///
  /// - Returns: nil when the group does not exist any more, or has been merged.
  private func pressings(of group: MBID, anew isAnew: Bool, by deadline: Deadline) throws(SourceError) -> [Pressing]? {
    let found = try client.list(
      .releases(of: .releaseGroup, group), anew: isAnew, by: deadline, Pressing.init(ws2:))
    guard let found, found.allSatisfy({ $0.group == group }) else { return nil }
    return found
  }

  /// The releases of those groups of which all releases are credited to the artist, so that few pages bring them all.
  private func pressingsByGroup(
    of artist: MBID, _ groups: [Group], anew isAnew: Bool, by deadline: Deadline
  ) throws(SourceError) -> [MBID: [Pressing]] {
    guard groups.count > 1, let counts = counting?.releaseCounts(ofGroupsOf: artist, by: deadline) else { return [:] }
    let found = try client.list(.releases(of: .artist, artist), anew: isAnew, by: deadline, Pressing.init(ws2:))
    return Dictionary(grouping: found ?? [], by: \.group).filter { counts[$0.key] == $0.value.count }
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
