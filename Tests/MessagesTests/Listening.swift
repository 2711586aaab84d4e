import Cache
import Core
import Foundation
import Logging
import Metadata
import Synchronization
import TestServers
import Testing

@testable import Messages

/// What a database answers, by the numbers of rows.
final class ScriptedRows: RowSource {
  var answer: (RowKeys) throws(SourceError) -> EntityChanges = { _ in EntityChanges() }
  private(set) var asked: [RowKeys] = []

  func changes(of rows: RowKeys, by deadline: Deadline) throws(SourceError) -> EntityChanges {
    asked.append(rows)
    return try answer(rows)
  }
}

/// The lines that were logged.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  var text: String { lines.withLock { $0.joined(separator: "\n") } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }

  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level): \(event.message) \(event.metadata ?? [:])") }
  }
}

/// A virtual host of a broker that a test has to itself, and a listener there.
struct Listening {
  let broker: Broker
  let options: RabbitMQOptions
  let rows = ScriptedRows()
  let log = LogLines()
  let coordination = TierCoordination(shared: nil, namespace: "t")

  init(_ change: (inout RabbitMQOptions) -> Void = { _ in }) throws {
    broker = try Broker.shared()
    let name = "t\(UUID().uuidString.prefix(8).lowercased())"
    try broker.addVirtualHost(name)
    var options = RabbitMQOptions(
      host: broker.host, port: broker.port, virtualHost: name, user: broker.user, password: broker.password)
    change(&options)
    self.options = options
  }

  func hints() -> RabbitMQHints {
    RabbitMQHints(options, rows: rows, coordination: coordination, logger: log.logger)
  }

  /// A connection of somebody who publishes.
  func publisher() throws -> RabbitConnection {
    try RabbitConnection(
      RabbitLibrary(),
      to: .init(
        host: broker.host, port: broker.port, virtualHost: options.virtualHost, user: options.user,
        password: options.password, heartbeat: 0))
  }

  /// How many messages a queue holds, those that were delivered and not acknowledged included.
  func count(_ queue: String) throws -> Int {
    try broker.count(queue, in: options.virtualHost)
  }

  /// Connections take their time to end on the broker's side.
  func eventually(_ what: Comment, _ holds: () throws -> Bool) throws {
    for _ in 0..<40 {
      if try holds() { return }
      usleep(250_000)
    }
    Issue.record(what)
  }
}

extension RabbitConnection {
  func send(_ text: String, to exchange: String = "", key: String) throws {
    try publish(Array(text.utf8), to: exchange, key: key, note: ("x-test", ""))
  }
}

extension MBID {
  /// One of many.
  static func numbered(_ number: Int) -> MBID { MBID(high: 0x4000, low: UInt64(number)) }
}
