internal import Cache
internal import Core
internal import Freshness
internal import HTTP
internal import Handlers
internal import Messages
internal import MusicBrainz
internal import PostgresStore
internal import Providers
internal import Purge
internal import SQLiteStore
internal import Settings

/// Who tells of changes besides MusicBrainz, and who is told of them.
extension Application {
  /// Purges Cloudflare; nil where the settings name no zone, no URLs or no credentials.
  static func purger(
    _ settings: Settings, _ file: StoreFile?, _ database: StoreDatabase?, _ store: DocumentStore,
    _ coordination: any Coordination
  ) -> CloudflarePurger? {
    let cloudflare = settings.cloudflare
    guard let zone = cloudflare.zoneID, let credentials = credentials(of: cloudflare),
      let addresses = cloudflare.urlBase.flatMap({
        PublicAddresses(base: $0, applicationRoot: settings.applicationRoot)
      })
    else { return nil }
    let queue: any PurgeQueue =
      database.map { PostgresPurgeQueue($0) } ?? file.map { SQLitePurgeQueue($0) } ?? MemoryPurgeQueue()
    let logger = Application.logger(settings, "linernotes.purge")
    return CloudflarePurger(
      Cloudflare(
        .init(zone: zone, credentials: credentials, apiURL: cloudflare.apiURL, batch: cloudflare.batchSize)),
      addresses, by: method(of: cloudflare), prefixRequestsAMinute: cloudflare.prefixRequests, queue: queue,
      store: store, fetcher: CurlFetcher(userAgent: settings.external.userAgent, logger: logger),
      coordination: coordination, logger: logger)
  }

  /// A token alone, or an account with its key.
  private static func credentials(of cloudflare: Settings.Cloudflare) -> [String]? {
    if let token = cloudflare.apiToken { return ["Authorization: Bearer \(token.value)"] }
    guard let email = cloudflare.authEmail, let key = cloudflare.authKey else { return nil }
    return ["X-Auth-Email: \(email)", "X-Auth-Key: \(key.value)"]
  }

  private static func method(of cloudflare: Settings.Cloudflare) -> PurgeMethod {
    switch cloudflare.method {
    case .automatic: .automatic
    case .prefix: .prefix
    case .url: .url
    }
  }

  /// Messages of RabbitMQ; nil where the settings name no user. Nothing is connected to before they are asked for.
  static func hints(
    _ settings: Settings, _ rows: MusicBrainzDatabase?, _ coordination: any Coordination
  ) -> RabbitMQHints? {
    RabbitMQOptions(settings.rabbitMQ).map {
      RabbitMQHints(
        $0, rows: rows, coordination: coordination, logger: Application.logger(settings, "linernotes.listen"))
    }
  }

  static func announcers(
    _ settings: Settings, _ purger: CloudflarePurger?, _ coordination: any Coordination
  ) -> [Component] {
    var components: [Component] = []
    if let purger { components.append(Component("cloudflare") { state(of: purger) }) }
    if settings.rabbitMQ.user != nil {
      components.append(Component("rabbitmq") { state(of: RabbitMQReport(coordination)) })
    }
    return components
  }

  private static func state(of purger: CloudflarePurger) -> Component.State {
    do throws(SourceError) {
      let report = try purger.report()
      let age = report.seconds > latePurge ? "; the first has been waiting for \(report.seconds / 60) minutes" : ""
      var state = Component.State(
        isUp: !report.isUnauthorised,
        detail: report.isUnauthorised
          ? "Cloudflare refuses CLOUDFLARE_ZONE_ID or the credentials" : "\(report.waiting) waiting\(age)")
      state.figures = [("waiting", report.waiting), ("seconds", Int(report.seconds))]
      return state
    } catch {
      return .init(isUp: true, detail: "\(error)")
    }
  }

  private static func state(of report: RabbitMQReport) -> Component.State {
    var state = Component.State(
      isUp: true,
      detail: (report.isListening ? "listening" : "nobody listens: `linernotes listen` does")
        + (report.dead > 0 ? "; \(report.dead) messages could not be understood: see linernotes.dead" : ""))
    state.figures = [("messages", report.messages), ("dead", report.dead)]
    return state
  }

  /// Longer than a free plan takes for thousands of artists, in seconds.
  private static let latePurge: Int64 = 3_600
}

extension RabbitMQOptions {
  init?(_ settings: Settings.RabbitMQ) {
    guard let user = settings.user else { return nil }
    self.init(
      host: settings.host, port: settings.port, virtualHost: settings.virtualHost, user: user,
      password: settings.password?.value ?? "")
    exchange = settings.exchange
    artistQueue = settings.artistQueue
    albumQueue = settings.albumQueue
    indexExchange = settings.indexExchange
    heartbeat = settings.heartbeat
    authorities = settings.isEncrypted ? settings.authorities : nil
  }
}
