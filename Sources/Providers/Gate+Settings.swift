public import Cache
public import Settings

extension Gate {
  /// - Parameter coordination: where the pool counts together.
  public convenience init(
    _ settings: Settings, _ providers: ProviderList, _ coordination: any Coordination
  ) {
    let limiter: Limiter =
      switch settings.rateLimit.limiter {
      case .none: .nobody
      case .simple: .process
      case .memcached: .pool
      }
    var requests = [Spotify.name: Spotify.limit(settings)]
    for upstream in providers.upstreams { requests[upstream.name] = upstream.limit }
    for publisher in Charts.publishers(settings) { requests[publisher.name] = publisher.limit }
    let window = settings.rateLimit.windowMilliseconds
    self.init(
      limiter: limiter, limit: Limit(requests: settings.rateLimit.requests, windowMilliseconds: window),
      limits: requests.compactMapValues { $0.map { Limit(requests: $0, windowMilliseconds: window) } },
      coordination: coordination)
  }
}
