public import Cache
public import Core
public import Freshness
internal import Glibc
public import Logging
public import Metadata

/// Changes that are announced through RabbitMQ, sooner than the change feed tells of them. Messages can be lost without
/// anybody's knowing, so nothing relies on them.
///
/// A message is acknowledged when what it announced has taken effect. Whatever happens before, the broker delivers it
/// again. One that says nothing that can be understood goes to the queue `linernotes.dead`.
public final class RabbitMQHints: ChangeHints {
  private let options: RabbitMQOptions
  private let digester: Digester
  private let logger: Logger
  private let now: () -> UInt64
  private let hostNames = HostNames()
  private var library: LazyLibrary<RabbitLibrary>
  private var backoff = Backoff(shortestMilliseconds: 500, longestMilliseconds: 30_000)
  private var lastFailure: String?

  private var connection: RabbitConnection?
  private var sources: [String: RabbitTopology.Source] = [:]
  /// Delivered, and not looked at yet.
  private var held: [Delivery] = []
  /// The last message of those that were handed out and have yet to be acknowledged.
  private var handedOut: UInt64?
  /// Since when one of either has been waiting, in monotonic nanoseconds.
  private var waitingSince: UInt64?
  private var presence: Presence

  /// How many messages are looked at together.
  static let batch = 500
  /// How long to wait for more when one has come: what one edit changes comes in several messages.
  private static let settleMilliseconds = 200
  /// How long to wait before looking whether this process is to end, in milliseconds.
  private static let beatMilliseconds = 250
  /// A broker closes the channel of whoever leaves a message unacknowledged for 15 or 30 minutes; ours is given back before,
  /// in nanoseconds.
  private static let longestUnacknowledged: UInt64 = 600_000_000_000

  /// - Parameters:
  ///   - rows: the MusicBrainz database; nil where there is none, and messages about its rows say nothing.
  ///   - coordination: where it is noted what has come, for all processes.
  public convenience init(
    _ options: RabbitMQOptions, rows: (any RowSource)?, coordination: any Coordination, logger: Logger
  ) {
    self.init(
      options, rows: rows, coordination: coordination, logger: logger, open: RabbitLibrary.init,
      now: Deadline.monotonicNanoseconds)
  }

  init(
    _ options: RabbitMQOptions, rows: (any RowSource)?, coordination: any Coordination, logger: Logger,
    open: @escaping () throws(LibraryFailure) -> RabbitLibrary, now: @escaping () -> UInt64
  ) {
    self.options = options
    digester = Digester(rows: rows, coordination: coordination)
    self.logger = logger
    self.now = now
    presence = Presence(coordination, now: now)
    library = LazyLibrary(now: now, open: open)
  }

  /// Why no message can be received on this machine; nil when librabbitmq is there.
  public static var libraryFailure: LibraryFailure? { SharedLibrary.failure(toOpen: RabbitLibrary.name) }

  // MARK: - The role

  public func next(by deadline: Deadline) throws(SourceError) -> EntityChanges {
    repeat {
      giveBackWhatWaitsTooLong()
      guard let connection = try connected(by: deadline) else { return EntityChanges() }
      presence.renew()
      do throws(RabbitFailure) {
        try collect(from: connection, by: deadline)
      } catch {
        throw lose(error)
      }
      let digest = try digester.digest(held, from: sources)
      do throws(RabbitFailure) {
        try finish(digest, on: connection)
      } catch {
        throw lose(error)
      }
      if !digest.changes.isEmpty { return digest.changes }
    } while deadline.beat() && !deadline.hasPassed
    return EntityChanges()
  }

  public func acknowledge() throws(SourceError) {
    guard let connection, let tag = handedOut else { return }
    do throws(RabbitFailure) {
      try connection.acknowledge(tag, allBefore: true)
      handedOut = nil
      waitingSince = held.isEmpty ? nil : now()
    } catch {
      throw lose(error)
    }
  }

  public func beat() {
    guard let connection, held.count < RabbitMQHints.batch else { return }
    presence.renew()
    do throws(RabbitFailure) {
      while held.count < RabbitMQHints.batch, let delivery = try connection.receive(milliseconds: 0) { hold(delivery) }
    } catch {
      _ = lose(error)
    }
  }

  // MARK: - The connection

  /// - Returns: nil when there is none by the deadline, and it is not time to try.
  private func connected(by deadline: Deadline) throws(SourceError) -> RabbitConnection? {
    if let connection { return connection }
    while !backoff.isOpen(at: now()) {
      let milliseconds = min(deadline.millisecondsLeft, RabbitMQHints.beatMilliseconds)
      guard milliseconds > 0, deadline.beat() else { return nil }
      usleep(useconds_t(milliseconds) * 1_000)
    }
    let library: RabbitLibrary
    do throws(LibraryFailure) {
      library = try self.library.contents()
    } catch {
      backoff.failed(at: now())
      throw SourceError(.notSetUp, "RabbitMQ: \(error)")
    }
    do throws(RabbitFailure) {
      let connection = try connect(library)
      sources = try RabbitTopology(options: options, logger: logger).declare(on: connection)
      // Refusals have cost other channels; what this one consumes stays.
      try connection.openChannel()
      try connection.setPrefetch(RabbitMQHints.batch)
      for (tag, source) in sources { try connection.consume(source.queue, as: tag) }
      guard !sources.isEmpty else { throw RabbitFailure(.connection, "there is no queue to listen to") }
      self.connection = connection
      backoff.succeeded()
      logger.notice(
        "RabbitMQ: listening", metadata: ["queues": "\(sources.values.map(\.queue).sorted().joined(separator: " "))"])
      lastFailure = nil
      return connection
    } catch {
      throw lose(error)
    }
  }

  private func connect(_ library: RabbitLibrary) throws(RabbitFailure) -> RabbitConnection {
    var target = RabbitConnection.Target(
      host: options.host, port: options.port, virtualHost: options.virtualHost, user: options.user,
      password: options.password, heartbeat: options.heartbeat, authorities: options.authorities)
    // A certificate is of a name.
    guard options.authorities == nil else { return try RabbitConnection(library, to: target) }
    guard let addresses = try? hostNames.addresses(of: options.host, by: .after(milliseconds: 3_000)) else {
      throw RabbitFailure(.connection, "connect: the host is not known")
    }
    var failure: RabbitFailure?
    for address in addresses.isEmpty ? [options.host] : addresses {
      target.host = address
      do throws(RabbitFailure) {
        return try RabbitConnection(library, to: target)
      } catch {
        failure = error
      }
    }
    hostNames.doubt(options.host)
    throw failure ?? RabbitFailure(.connection, "connect: no address")
  }

  /// Lets go of the connection. What was not acknowledged comes again over the next.
  private func lose(_ failure: RabbitFailure) -> SourceError {
    connection?.abandon()
    disconnect()
    backoff.failed(at: now())
    if lastFailure != failure.description {
      lastFailure = failure.description
      logger.warning("RabbitMQ cannot be listened to", metadata: ["reason": "\(failure)"])
    }
    return failure.sourceError
  }

  private func disconnect() {
    connection = nil
    held = []
    handedOut = nil
    waitingSince = nil
    presence.end()
  }

  private func giveBackWhatWaitsTooLong() {
    guard let since = waitingSince, now() - min(since, now()) > RabbitMQHints.longestUnacknowledged else { return }
    logger.notice("RabbitMQ: messages are given back, because what they announced has not taken effect")
    disconnect()
  }

  // MARK: - Messages

  private func collect(from connection: RabbitConnection, by deadline: Deadline) throws(RabbitFailure) {
    repeat {
      // The broker hands over no more than a batch. Full or not, heartbeats want to be sent.
      let patience =
        held.isEmpty
        ? min(deadline.millisecondsLeft, RabbitMQHints.beatMilliseconds)
        : held.count < RabbitMQHints.batch ? RabbitMQHints.settleMilliseconds : 0
      if let delivery = try connection.receive(milliseconds: patience) {
        hold(delivery)
      } else if held.isEmpty {
        presence.renew()
      } else {
        return
      }
    } while held.isEmpty ? !deadline.hasPassed && deadline.beat() : held.count < RabbitMQHints.batch
  }

  private func hold(_ delivery: Delivery) {
    held.append(delivery)
    waitingSince = waitingSince ?? now()
  }

  /// Is done with messages that announce nothing, and hands out the others.
  private func finish(_ digest: MessageDigest, on connection: RabbitConnection) throws(RabbitFailure) {
    guard !held.isEmpty else { return }
    for (delivery, reason) in digest.poisoned {
      logger.warning(
        "RabbitMQ: a message cannot be understood", metadata: ["queue": "\(delivery.consumer)", "reason": "\(reason)"])
      try connection.publish(
        delivery.body, key: RabbitTopology.deadQueue, note: ("x-linernotes-reason", "\(delivery.consumer): \(reason)"))
    }
    // A number is good for one acknowledgement: a second one would end the channel.
    let isSilent = digest.changes.isEmpty
    let done = Set(digest.silent + digest.poisoned.map(\.delivery.tag))
    for delivery in held {
      if isSilent || done.contains(delivery.tag) {
        try connection.acknowledge(delivery.tag, allBefore: false)
      } else {
        handedOut = delivery.tag
      }
    }
    presence.count(messages: held.count, dead: digest.poisoned.count)
    held = []
    if handedOut == nil { waitingSince = nil }
  }
}
