public import Core
public import Freshness
internal import Metadata

/// What `/invalidate` and the refresh routes need.
public struct Invalidation {
  /// nil where nobody can tell what changes.
  public var invalidator: Invalidator?
  /// Is told what has to go from caches that stand in front; nil where there are none.
  public var purging: (any Purging)?
  /// What the URLs of answers begin with.
  public var urlBase: String
  /// Whether a list of what changed since a moment may lack something that a client will not be told later either.
  public var mayLack: (UnixTime) -> Bool
  /// How current everything is.
  public var standing: () -> Standing

  public init(
    invalidator: Invalidator? = nil, purging: (any Purging)? = nil, urlBase: String = "",
    mayLack: @escaping (UnixTime) -> Bool = { _ in false }, standing: @escaping () -> Standing = { Standing() }
  ) {
    self.standing = standing
    self.invalidator = invalidator
    self.purging = purging
    self.urlBase = urlBase
    self.mayLack = mayLack
  }
}

/// How current the source and what was made of it are. What is nil, nobody can tell.
public struct Standing: Equatable, Sendable {
  /// The last packet of replication, and the version of MusicBrainz' schema.
  public var replicationSequence: Int?
  public var schemaSequence: Int?
  /// How the source learns of changes.
  public var feed: String?
  /// Changes before this time are in effect.
  public var invalidatedUntil: UnixTime?

  public init() {}
}

/// `GET /invalidate?since=2026-11-24T10:40:49Z` and `POST /invalidate`: has everything computed anew that has changed
/// since the last time, or since then.
///
/// What takes longer than a client waits is finished by whichever process of the pool has time for it.
struct InvalidateHandler {
  let invalidation: Invalidation
  let limits: Limits
  var now: () -> UnixTime = { .now }

  /// How long a client waits, in milliseconds.
  private static let awaitedMilliseconds = 20_000
  /// By how much clocks may differ, in seconds.
  private static let toleratedSkew: Int64 = 300

  var routes: [Router.Route] {
    // What HEAD does is to change nothing.
    ["GET", "POST"].map { Router.Route($0, "invalidate", answersHead: false, invalidate) }
  }

  private func invalidate(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    try limits.admitInvalidation(request)
    let since = try time(request)
    guard let invalidator = invalidation.invalidator else {
      throw .source(SourceError(.notSetUp, "There is no database of MusicBrainz' that tells what changes"))
    }
    do throws(SourceError) {
      let run = try invalidator.run(
        since: since, until: .after(milliseconds: InvalidateHandler.awaitedMilliseconds, awaited: false),
        keepsLease: true)
      switch run.ending {
      case .finished: return list(run)
      case .stopped: return Response(status: 202, .json(Array(#"{"state":"running"}"#.utf8)), caching: .none)
      case .occupied(let since): return .invalidationIsRunning(since: since)
      }
    } catch {
      throw .source(error)
    }
  }

  private func list(_ run: InvalidationRun) -> Response {
    let paths = run.changes.paths.prefix(InvalidationRun.mostListed)
    var json = JSONWriter(reservingCapacity: 16 + paths.count * (invalidation.urlBase.utf8.count + 50))
    json.array(paths) { $0.string(invalidation.urlBase + $1) }
    var response = Response(.json(json.bytes), caching: .none)
    response.totalCount = max(run.count, paths.count)
    return response
  }

  private func time(_ request: Request) throws(Failure) -> UnixTime? {
    guard let text = request.query["since"], !text.isEmpty else { return nil }
    guard let time = UnixTime(reading: text) else {
      throw .refused("since must be a time in ISO 8601, or Unix seconds")
    }
    // Nothing has changed since; most often somebody has sent milliseconds, or another zone.
    guard time <= now() + InvalidateHandler.toleratedSkew else { throw .refused("since is in the future") }
    return time
  }
}

extension Response {
  /// `{"error":"Invalidation is running","since":"2026-11-24T10:40:49+00:00"}`
  fileprivate static func invalidationIsRunning(since: UnixTime?) -> Response {
    var json = JSONWriter()
    json.raw(#"{"error":"Invalidation is running","since":"#)
    json.string(since?.iso8601)
    json.raw("}")
    return Response(status: 409, .json(json.bytes), caching: .none, retryAfter: 5)
  }
}
