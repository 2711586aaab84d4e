internal import Cache
public import Core

/// How the queue of purges is.
public struct PurgeReport: Equatable, Sendable {
  public var waiting: Int
  /// How long the first has been waiting.
  public var seconds: Int64
  /// Whether Cloudflare has refused the credentials lately.
  public var isUnauthorised: Bool
}

extension CloudflarePurger {
  public func report() throws(SourceError) -> PurgeReport {
    let backlog = try queue.backlog()
    return PurgeReport(
      waiting: backlog.count, seconds: backlog.seconds,
      isUnauthorised: coordination.arePaused([CloudflarePurger.unauthorised])[0])
  }
}
