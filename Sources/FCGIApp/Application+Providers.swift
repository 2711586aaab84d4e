internal import Cache
internal import Metadata
internal import Providers
internal import Settings

extension ProviderOptions {
  init(_ settings: Settings) {
    self.init()
    awaitedMilliseconds = settings.external.timeoutMilliseconds
    if let key = settings.fanart.apiKey {
      fanart = FanartOptions(
        apiKey: key.value, personalKey: settings.fanart.personalKey?.value, baseURL: settings.fanart.baseURL,
        seconds: Int64(settings.ttl.fanart))
    }
    if let key = settings.theAudioDB.apiKey {
      theAudioDB = TheAudioDBOptions(
        apiKey: key.value, baseURL: settings.theAudioDB.baseURL, connections: settings.theAudioDB.connections,
        seconds: Int64(settings.ttl.theAudioDB))
    }
    wikipedia = WikipediaOptions(
      languages: settings.wikipedia.languages, baseURL: settings.wikipedia.baseURL,
      wikidataURL: settings.wikipedia.wikidataURL, commonsURL: settings.wikipedia.commonsURL,
      connections: settings.wikipedia.maximumConnectionsPerHost,
      timeoutMilliseconds: settings.wikipedia.timeoutMilliseconds, seconds: Int64(settings.ttl.wikipedia))
  }
}

extension Gate {
  convenience init(_ settings: Settings, _ coordination: any Coordination) {
    let limiter: Limiter =
      switch settings.rateLimit.limiter {
      case .none: .nobody
      case .simple: .process
      case .memcached: .pool
      }
    let own = [
      "fanart": settings.rateLimit.fanart, "tadb": settings.rateLimit.theAudioDB,
      "wikipedia": settings.rateLimit.wikipedia, "commons": settings.rateLimit.commons,
      "spotify": settings.rateLimit.spotify, "lastfm": settings.rateLimit.lastFM,
    ]
    let window = settings.rateLimit.windowMilliseconds
    self.init(
      limiter: limiter, limit: Limit(requests: settings.rateLimit.requests, windowMilliseconds: window),
      limits: own.compactMapValues { $0.map { Limit(requests: $0, windowMilliseconds: window) } },
      coordination: coordination)
  }
}

extension Spotify.Options {
  /// - Returns: nil without credentials.
  init?(_ settings: Settings) {
    guard let id = settings.spotify.clientID, let secret = settings.spotify.clientSecret else { return nil }
    self.init(
      clientID: id, clientSecret: secret.value, redirectURL: settings.spotify.redirectURL,
      baseURL: settings.spotify.baseURL, tokenURL: settings.spotify.tokenURL)
  }
}

extension SpotifyDirectory.Options {
  init(_ settings: Settings) {
    self.init()
    leastRatio = settings.spotify.minimumMatchRatio
    foundSeconds = Int64(settings.ttl.response)
    notFoundSeconds = Int64(settings.ttl.spotifyNotFound)
    unlinkedSeconds = Int64(settings.ttl.notFound)
  }
}

extension ChartOptions {
  init(_ settings: Settings) {
    self.init(
      appleURL: settings.charts.appleURL, billboardURL: settings.charts.billboardURL,
      lastFMURL: settings.lastFM.baseURL, lastFMKey: settings.lastFM.apiKey?.value)
  }
}
