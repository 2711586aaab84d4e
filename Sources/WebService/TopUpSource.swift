public import Cache
public import Core
public import Metadata

/// A source with data of its own, whose word is not the last: what it does not have was perhaps added to MusicBrainz an
/// hour ago. MusicBrainz' web service is asked for that, and only what that does not have either does not exist.
///
/// Anybody can ask for ids that nobody has. So such questions have a quarter of what may be asked, and whoever comes when
/// that is used up is told to come again, not that there is nothing.
public final class TopUpSource: MetadataSource {
  private let own: any MetadataSource
  private let webService: MusicBrainzWebService
  private let coordination: any Coordination
  private let allowance: UInt64

  private static let counter = "ws2-top-up"
  private static let windowSeconds: Int64 = 60
  private static let share = 4

  /// - Parameters:
  ///   - own: is asked first, and alone for what it has.
  ///   - intervalMilliseconds: between two requests to the web service; 0: it may be asked as often as anybody likes.
  public init(
    _ own: any MetadataSource, webService: MusicBrainzWebService, coordination: any Coordination,
    intervalMilliseconds: Int
  ) {
    self.own = own
    self.webService = webService
    self.coordination = coordination
    allowance =
      intervalMilliseconds > 0
      ? UInt64(max(1, Int(TopUpSource.windowSeconds) * 1_000 / intervalMilliseconds / TopUpSource.share)) : .max
  }

  public func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
    let found = try own.artists(ids, by: deadline)
    return try toppedUp(found, ids) { ids throws(SourceError) in try webService.artists(ids, by: deadline) }
  }

  public func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography] {
    let found = try own.discographies(ids, albumless: albumless, by: deadline)
    return try toppedUp(found, ids) { ids throws(SourceError) in
      try webService.discographies(ids, albumless: albumless, by: deadline)
    }
  }

  public func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
    let found = try own.albums(ids, by: deadline)
    return try toppedUp(found, ids) { ids throws(SourceError) in try webService.albums(ids, by: deadline) }
  }

  public func vintage(by deadline: Deadline) throws(SourceError) -> String? { try own.vintage(by: deadline) }

  public func forget(_ entity: EntityID) {
    own.forget(entity)
    webService.forget(entity)
  }

  /// - Returns: how many questions there have been since the count began.
  private func count(_ questions: UInt64) -> UInt64 {
    coordination.count(TopUpSource.counter, by: questions, seconds: TopUpSource.windowSeconds)
  }

  private func toppedUp<Entity>(
    _ found: [MBID: Entity], _ ids: [MBID], _ ask: ([MBID]) throws(SourceError) -> [MBID: Entity]
  ) throws(SourceError) -> [MBID: Entity] {
    let missing = ids.each.filter { found[$0] == nil }
    guard !missing.isEmpty else { return found }
    guard count(1) <= allowance else {
      throw SourceError(.unavailable, "\(WebServiceClient.name): has been asked for enough that is not in the database")
    }
    // An entity takes as many requests as it takes, and whoever comes next waits for the longer.
    let before = webService.requests
    defer {
      let more = webService.requests - before - 1
      if more > 0 { _ = count(UInt64(more)) }
    }
    return found.merging(try ask(missing)) { first, _ in first }
  }
}
