/// Where messages come from.
public struct RabbitMQOptions: Sendable {
  public var host: String
  public var port: Int
  public var virtualHost: String
  public var user: String
  public var password: String
  /// In seconds; 0 for none.
  public var heartbeat = 20
  /// A file of certificates to trust; nil for a connection without encryption.
  public var authorities: String?
  /// Where changed artists and albums are announced by their MBIDs, and the queues that are bound to it.
  public var exchange = "search.index"
  public var artistQueue = "search.index.artist"
  public var albumQueue = "search.index.album"
  /// Where MusicBrainz' triggers announce rows for its search index; nil: nobody looks for it.
  public var indexExchange: String? = "search"

  public init(host: String, port: Int, virtualHost: String, user: String, password: String) {
    self.host = host
    self.port = port
    self.virtualHost = virtualHost
    self.user = user
    self.password = password
  }
}
