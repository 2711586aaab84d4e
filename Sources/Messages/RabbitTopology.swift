internal import Core
internal import Logging

/// The exchanges and queues that are listened to, made where they are missing and may be made.
struct RabbitTopology {
  /// A queue that is consumed, and what its messages are about.
  struct Source {
    var queue: String
    var reader: AnnouncementReader
  }

  let options: RabbitMQOptions
  let logger: Logger

  /// Ours: everything that MusicBrainz' triggers announce for its search index.
  static let indexQueue = "linernotes.index"
  /// Ours: messages that say nothing that can be understood.
  static let deadQueue = "linernotes.dead"
  /// The search index' own queues. Whoever took messages out of them would keep them from it.
  private static let foreign: Set<String> = ["search.index", "search.delete", "search.retry", "search.failed"]
  private static let indexKeys = ["index", "update", "delete"]
  /// What is told late is found by the change feed as well: while nobody listens, the oldest may go.
  private static let (mostWaiting, mostDead): (Int32, Int32) = (200_000, 10_000)

  /// Declares all of it, on channels of its own.
  ///
  /// - Returns: what is there to be consumed, by the tags of the consumers.
  func declare(on connection: RabbitConnection) throws(RabbitFailure) -> [String: Source] {
    var sources: [String: Source] = [:]
    // Whoever may not declare or bind relies on somebody else's having done it.
    try attempt(connection, isExpected: true) { () throws(RabbitFailure) in
      try connection.declareExchange(options.exchange, type: "direct")
    }
    for (tag, queue, about) in [
      ("artist", options.artistQueue, AnnouncedEntity.artist), ("album", options.albumQueue, .album),
    ] {
      guard !RabbitTopology.foreign.contains(queue) else {
        logger.error(
          "RabbitMQ: this queue is the search index' own, and is left alone", metadata: ["queue": "\(queue)"])
        continue
      }
      guard try declareQueue(queue, longest: nil, on: connection) else { continue }
      try bind(queue, to: options.exchange, keys: [tag, queue], on: connection)
      sources[tag] = Source(queue: queue, reader: AnnouncementReader(about: about))
    }
    if let exchange = options.indexExchange, try isThere(exchange, on: connection),
      try declareQueue(RabbitTopology.indexQueue, longest: RabbitTopology.mostWaiting, on: connection)
    {
      try bind(RabbitTopology.indexQueue, to: exchange, keys: RabbitTopology.indexKeys, on: connection)
      sources["index"] = Source(queue: RabbitTopology.indexQueue, reader: AnnouncementReader())
    }
    _ = try declareQueue(RabbitTopology.deadQueue, longest: RabbitTopology.mostDead, on: connection)
    return sources
  }

  private func isThere(_ exchange: String, on connection: RabbitConnection) throws(RabbitFailure) -> Bool {
    try attempt(connection, isExpected: true) { () throws(RabbitFailure) in
      try connection.declareExchange(exchange, type: nil)
    }
  }

  /// - Returns: whether it is there: as it is, if somebody else has declared it otherwise, or we may not.
  private func declareQueue(
    _ queue: String, longest: Int32?, on connection: RabbitConnection
  ) throws(RabbitFailure) -> Bool {
    let isDeclared = try attempt(connection, isExpected: true) { () throws(RabbitFailure) in
      try connection.declareQueue(queue, longest: longest)
    }
    if isDeclared { return true }
    return try attempt(connection) { () throws(RabbitFailure) in try connection.declareQueue(queue, isThere: true) }
  }

  private func bind(
    _ queue: String, to exchange: String, keys: [String], on connection: RabbitConnection
  ) throws(RabbitFailure) {
    for key in keys {
      try attempt(connection, isExpected: true) { () throws(RabbitFailure) in
        try connection.bind(queue, to: exchange, key: key)
      }
    }
  }

  /// Does what the broker may refuse, which costs the channel and nothing else.
  ///
  /// - Returns: whether the broker has done it.
  @discardableResult
  private func attempt(
    _ connection: RabbitConnection, isExpected: Bool = false, _ work: () throws(RabbitFailure) -> Void
  ) throws(RabbitFailure) -> Bool {
    do throws(RabbitFailure) {
      try work()
      return true
    } catch {
      guard case .refused = error.kind else { throw error }
      logger.log(level: isExpected ? .debug : .notice, "RabbitMQ refuses", metadata: ["reason": "\(error)"])
      try connection.openChannel()
      return false
    }
  }
}
