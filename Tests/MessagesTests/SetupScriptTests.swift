import Core
import Foundation
import Metadata
import TestServers
import Testing

@testable import Messages

extension RabbitMQTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../deploy/scripts/setup-amqp.sh")

  /// The script, as the broker's user, who may not be able to enter this checkout.
  private func setUp(_ broker: Broker, _ arguments: [String], password: String? = nil) throws -> String {
    let text = try String(contentsOf: Self.script, encoding: .utf8)
    let (status, output) = try broker.run(
      "bash", ["-c", text, "setup-amqp.sh"] + arguments,
      password.map { ["RABBITMQ__PASSWORD": $0] } ?? [:])
    try #require(status == 0, "\(output)")
    return output
  }

  @Test func `what the script makes is enough to listen, and no more than that`() throws {
    let listening = try Listening { $0.indexExchange = "search" }
    let user = "ln\(UUID().uuidString.prefix(6))"
    let password = #"pa"ss\word"#
    let arguments = ["--vhost", listening.options.virtualHost, "--user", user]
    for password in [password, nil] {
      #expect(!(try setUp(listening.broker, arguments, password: password)).contains("ss"), "the password is shown")
    }
    // A search index comes later.
    let publisher = try listening.publisher()
    try publisher.declareExchange("search", type: "direct")
    _ = try setUp(listening.broker, arguments)
    var options = listening.options
    (options.user, options.password) = (user, password)
    let hints = RabbitMQHints(
      options, rows: nil, coordination: listening.coordination, logger: listening.log.logger)
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    try publisher.send("\(artist)", to: "search.index", key: "artist")
    try publisher.send("artist \(album)", to: "search", key: "delete")
    try publisher.send("{", to: "search", key: "index")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist, album])
    try hints.acknowledge()
    try listening.eventually("dead") { try listening.count("linernotes.dead") == 1 }
    let own = try RabbitConnection(
      RabbitLibrary(),
      to: .init(
        host: options.host, port: options.port, virtualHost: options.virtualHost, user: user, password: password,
        heartbeat: 0))
    #expect(throws: RabbitFailure.self) { try own.declareQueue("search.index.own") }
    #expect(throws: RabbitFailure.self) {
      try own.openChannel()
      try own.declareExchange("own", type: "direct")
    }
  }
}
