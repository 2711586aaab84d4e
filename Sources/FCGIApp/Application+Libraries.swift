internal import HTTP
internal import Memcached
internal import Messages
internal import Postgres
internal import Providers
internal import Settings

extension Application {
  /// What is said at the start of libraries that the settings need and this machine does not have.
  ///
  /// They are opened only when they are needed, so that one that is missing would otherwise be noticed with a request.
  static func libraryNotices(_ settings: Settings) -> [String] {
    var notices: [String] = []
    if settings.musicBrainz.source == .database || hasDurableDatabase(settings),
      let failure = PostgresClient.libraryFailure
    {
      notices.append("\(failure). Until it is there, no PostgreSQL database is asked.")
    }
    if settings.cache.isEnabled, let failure = MemcachedTier(settings.cache.memcachedServers)?.libraryFailure {
      notices.append("\(failure). Until it is there, MEMCACHED_SERVERS can name only one server.")
    }
    if let failure = CurlFetcher.libraryFailure {
      notices.append("\(failure). Until it is there, nothing is asked over HTTP.")
    }
    if settings.rabbitMQ.user != nil, let failure = RabbitMQHints.libraryFailure {
      notices.append("\(failure). Until it is there, no message of RabbitMQ is heard.")
    }
    if settings.cloudflare.zoneID != nil, settings.cloudflare.urlBase == nil {
      notices.append("CLOUDFLARE_ZONE_ID is set and CLOUDFLARE_URL_BASE is not. Nothing is purged.")
    }
    return notices
  }
}
