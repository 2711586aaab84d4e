import Core
import Foundation
import Metadata
import TestServers
import Testing

@testable import Messages

/// Messages of a real broker. By a developer's `swift test` it may be missing, but never by CI's.
@Suite(
  .serialized,
  .enabled(if: Broker.isInstalled || ProcessInfo.processInfo.environment["CI"] == "true"))
struct RabbitMQTests {
  let artist: MBID = "83d91898-7763-47d7-b03b-b92132375c47"
  let album: MBID = "f5093c06-23e3-404f-aeaa-40f72885ee3a"

  @Test func `what is announced is told once, and acknowledged only when it has taken effect`() throws {
    let listening = try Listening()
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 500)).isEmpty)
    let publisher = try listening.publisher()
    for _ in 0..<3 { try publisher.send("\(artist)", to: "search.index", key: "artist") }
    try publisher.send(#"{"gid":"\#(album)"}"#, key: "search.index.album")
    listening.rows.answer = { rows throws(SourceError) in
      var changes = EntityChanges()
      if rows.albumIDs == [album] { changes.discographies = [artist] }
      return changes
    }
    let changes = try hints.next(by: .after(milliseconds: 5_000))
    #expect(changes.artists == [artist] && changes.discographies == [artist] && changes.albums == [album])
    #expect(try listening.count("search.index.artist") == 3)
    try hints.acknowledge()
    try listening.eventually("acknowledged") {
      try listening.count("search.index.artist") + listening.count("search.index.album") == 0
    }
    let report = RabbitMQReport(listening.coordination)
    #expect(report.isListening && report.messages == 4 && report.dead == 0)
  }

  @Test func `whoever is killed before that has everything told to the next`() throws {
    let listening = try Listening()
    var hints: RabbitMQHints? = listening.hints()
    #expect(try hints?.next(by: .after(milliseconds: 300)).isEmpty == true)
    try listening.publisher().send("\(artist)", key: "search.index.artist")
    #expect(try hints?.next(by: .after(milliseconds: 5_000)).artists == [artist])
    hints = nil
    let other = listening.hints()
    #expect(try other.next(by: .after(milliseconds: 10_000)).artists == [artist])
    try other.acknowledge()
    try listening.eventually("acknowledged") { try listening.count("search.index.artist") == 0 }
  }

  @Test
  func `rows of the search index' triggers come through a queue of our own, and the index' queues stay as they are`()
    throws
  {
    let listening = try Listening()
    let publisher = try listening.publisher()
    try publisher.declareExchange("search", type: "direct")
    for (queue, keys) in [("search.index", ["index", "update"]), ("search.delete", ["delete"])] {
      try publisher.declareQueue(queue)
      for key in keys { try publisher.bind(queue, to: "search", key: key) }
    }
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    listening.rows.answer = { rows throws(SourceError) in
      var changes = EntityChanges()
      changes.artists = Set(rows.artists.map { MBID.numbered(Int($0)) })
      return changes
    }
    try publisher.send(
      #"{"_table":"artist_alias","_operation":"update","id":901,"artist":7}"#, to: "search", key: "update")
    try publisher.send("artist 8", to: "search", key: "index")
    try publisher.send("artist \(artist)", to: "search", key: "delete")
    try publisher.send(#"{"_table":"work","_operation":"update","id":901}"#, to: "search", key: "update")
    let changes = try hints.next(by: .after(milliseconds: 5_000))
    #expect(changes.artists == [.numbered(7), .numbered(8), artist])
    #expect(listening.rows.asked.count == 1)
    try hints.acknowledge()
    try listening.eventually("acknowledged") { try listening.count("linernotes.index") == 0 }
    #expect(try listening.count("search.index") == 3)
    #expect(try listening.count("search.delete") == 1)
  }

  @Test func `a queue that is the search index' own is not taken`() throws {
    let listening = try Listening { $0.artistQueue = "search.index" }
    try listening.publisher().declareQueue("search.index")
    try listening.publisher().send("\(artist)", key: "search.index")
    #expect(try listening.hints().next(by: .after(milliseconds: 1_500)).isEmpty)
    #expect(try listening.count("search.index") == 1)
    #expect(listening.log.text.contains("is left alone"))
  }

  @Test func `poison goes to the dead, is counted, and keeps nothing else`() throws {
    let listening = try Listening()
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    let publisher = try listening.publisher()
    let poison = ["", "{", "[]", "null", "artist", String(repeating: "7", count: 70_000)]
    for body in poison { try publisher.send(body, key: "search.index.artist") }
    try publisher.send("\(artist)", key: "search.index.artist")
    for body in poison { try publisher.send(body, key: "search.index.album") }
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
    try hints.acknowledge()
    try listening.eventually("dead") { try listening.count("linernotes.dead") == 2 * poison.count }
    try listening.eventually("acknowledged") {
      try listening.count("search.index.artist") + listening.count("search.index.album") == 0
    }
    #expect(RabbitMQReport(listening.coordination).dead == 2 * poison.count)
    #expect(!listening.log.text.contains("7777"))
  }

  @Test func `rows that the database refuses are poison, and one that is away is waited for`() throws {
    let listening = try Listening()
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    let publisher = try listening.publisher()
    for row in [1, 2, 3] { try publisher.send("\(row)", key: "search.index.artist") }
    listening.rows.answer = { _ throws(SourceError) in throw SourceError(.unavailable, "away") }
    #expect(throws: SourceError(.unavailable, "away")) { try hints.next(by: .after(milliseconds: 5_000)) }
    #expect(throws: SourceError(.unavailable, "away")) { try hints.next(by: .after(milliseconds: 500)) }
    #expect(try listening.count("search.index.artist") == 3)
    listening.rows.answer = { rows throws(SourceError) in
      if rows.artists.contains(2) { throw SourceError(.failed, "division by zero") }
      var changes = EntityChanges()
      changes.artists = Set(rows.artists.map { MBID.numbered(Int($0)) })
      return changes
    }
    #expect(try hints.next(by: .after(milliseconds: 500)).artists == [.numbered(1), .numbered(3)])
    try hints.acknowledge()
    try listening.eventually("dead") { try listening.count("linernotes.dead") == 1 }
    try listening.eventually("acknowledged") { try listening.count("search.index.artist") == 0 }
  }

  @Test func `a message over which processes end again and again is given up`() throws {
    let listening = try Listening()
    #expect(try listening.hints().next(by: .after(milliseconds: 300)).isEmpty)
    try listening.publisher().send("7", key: "search.index.artist")
    // What a process that ends in the middle leaves behind.
    listening.rows.answer = { _ throws(SourceError) in throw SourceError(.unavailable, "ended") }
    for _ in 0..<6 {
      #expect(throws: SourceError.self) { try listening.hints().next(by: .after(milliseconds: 5_000)) }
      usleep(100_000)
    }
    listening.rows.answer = { _ throws(SourceError) in EntityChanges() }
    #expect(try listening.hints().next(by: .after(milliseconds: 2_000)).isEmpty)
    try listening.eventually("dead") { try listening.count("linernotes.dead") == 1 }
  }

  @Test func `declarations of somebody else's are taken as they are`() throws {
    let listening = try Listening()
    let other = try listening.publisher()
    try other.declareExchange("search.index", type: "topic")
    try other.declareQueue("search.index.artist", longest: 5)
    try other.declareQueue("linernotes.dead", longest: 3)
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    try other.send("\(artist)", to: "search.index", key: "artist")
    try other.send("{", to: "search.index", key: "artist")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
    try listening.eventually("dead") { try listening.count("linernotes.dead") == 1 }
  }

  @Test func `whoever may only read makes do with what there is`() throws {
    let listening = try Listening()
    let other = try listening.publisher()
    try other.declareQueue("search.index.artist")
    try other.declareQueue("linernotes.dead")
    let name = "reader\(UUID().uuidString.prefix(8))"
    try listening.broker.addUser(name, password: "secret-of-reader")
    try listening.broker.permit(
      name, in: listening.options.virtualHost, configure: "^$", write: "^amq[.]default$", read: ".*")
    var options = listening.options
    (options.user, options.password) = (name, "secret-of-reader")
    let hints = RabbitMQHints(
      options, rows: nil, coordination: listening.coordination, logger: listening.log.logger)
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    try other.send("\(artist)", key: "search.index.artist")
    try other.send("{", key: "search.index.artist")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
    try hints.acknowledge()
    try listening.eventually("dead") { try listening.count("linernotes.dead") == 1 }
    #expect(!listening.log.text.contains("secret-of-reader"))
  }

  @Test func `a wrong password is told, and is in no log`() throws {
    let listening = try Listening { $0.password = "wrong-and-secret" }
    let hints = listening.hints()
    let error = #expect(throws: SourceError.self) { try hints.next(by: .after(milliseconds: 3_000)) }
    #expect(error?.code == .unavailable)
    #expect(listening.log.text.contains("log in") && !listening.log.text.contains("wrong-and-secret"))
    // It waits for its time, and for no longer than it may.
    let start = Deadline.monotonicNanoseconds()
    #expect(try hints.next(by: .after(milliseconds: 100)).isEmpty)
    #expect(Deadline.monotonicNanoseconds() - start < 400_000_000)
  }

  @Test func `an encrypted connection is one to a broker whose certificate is trusted`() throws {
    let broker = try Broker.shared()
    let listening = try Listening {
      ($0.host, $0.port, $0.authorities) = ("localhost", broker.securePort, broker.certificate)
    }
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    try listening.publisher().send("\(artist)", key: "search.index.artist")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
    for (host, authorities) in [
      ("127.0.0.1", broker.certificate), ("localhost", "/etc/ssl/certs/ca-certificates.crt"), ("localhost", "/none"),
    ] {
      let wrong = try Listening { ($0.host, $0.port, $0.authorities) = (host, broker.securePort, authorities) }
      #expect(throws: SourceError.self, "\(host) \(authorities)") {
        try wrong.hints().next(by: .after(milliseconds: 3_000))
      }
    }
  }

  @Test func `ten thousand messages come and go in batches`() throws {
    let listening = try Listening()
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    let publisher = try listening.publisher()
    for number in 0..<10_000 { try publisher.send("\(MBID.numbered(number))", key: "search.index.artist") }
    var artists: Set<MBID> = []
    let start = Deadline.monotonicNanoseconds()
    while artists.count < 10_000 {
      let changes = try hints.next(by: .after(milliseconds: 10_000))
      try #require(!changes.isEmpty, "\(artists.count) of 10,000")
      #expect(changes.artists.count <= RabbitMQHints.batch)
      artists.formUnion(changes.artists)
      try hints.acknowledge()
    }
    print("10,000 messages: \((Deadline.monotonicNanoseconds() - start) / 1_000_000) ms")
    try listening.eventually("acknowledged") { try listening.count("search.index.artist") == 0 }
  }

  @Test func `a queue that is deleted is declared again`() throws {
    let listening = try Listening()
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    try listening.broker.deleteQueue("search.index.artist", in: listening.options.virtualHost)
    #expect(throws: SourceError.self) { try hints.next(by: .after(milliseconds: 5_000)) }
    #expect(try hints.next(by: .after(milliseconds: 1_500)).isEmpty)
    try listening.publisher().send("\(artist)", to: "search.index", key: "artist")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
  }

  @Test func `a broker that hangs is given up, and found again`() throws {
    let listening = try Listening { $0.heartbeat = 1 }
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    try listening.publisher().send("\(artist)", key: "search.index.artist")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
    listening.broker.pause()
    let start = Deadline.monotonicNanoseconds()
    #expect(throws: SourceError.self) { try hints.next(by: .after(milliseconds: 20_000)) }
    #expect(Deadline.monotonicNanoseconds() - start < 10_000_000_000)
    // Nothing is left to acknowledge: it comes again.
    try hints.acknowledge()
    listening.broker.resume()
    var found: Set<MBID> = []
    for _ in 0..<20 where found.isEmpty {
      found = (try? hints.next(by: .after(milliseconds: 1_000)))?.artists ?? []
    }
    #expect(found == [artist])
    try hints.acknowledge()
    try listening.eventually("acknowledged") { try listening.count("search.index.artist") == 0 }
  }

  @Test func `whoever works for long shows that it lives`() throws {
    let listening = try Listening { $0.heartbeat = 1 }
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    let publisher = try listening.publisher()
    try publisher.send("\(artist)", key: "search.index.artist")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
    for _ in 0..<20 {
      usleep(250_000)
      hints.beat()
    }
    try hints.acknowledge()
    try listening.eventually("acknowledged") { try listening.count("search.index.artist") == 0 }
  }

  @Test func `a broker that restarts has kept what it was told`() throws {
    let listening = try Listening()
    let hints = listening.hints()
    #expect(try hints.next(by: .after(milliseconds: 300)).isEmpty)
    try listening.publisher().send("\(artist)", key: "search.index.artist")
    #expect(try hints.next(by: .after(milliseconds: 5_000)).artists == [artist])
    // What a broker has been told a moment ago is not on its disk yet.
    usleep(2_000_000)
    try listening.broker.restart()
    #expect(throws: SourceError.self) {
      try hints.acknowledge(); _ = try hints.next(by: .after(milliseconds: 3_000))
    }
    var found: Set<MBID> = []
    for _ in 0..<20 where found.isEmpty {
      found = (try? hints.next(by: .after(milliseconds: 1_000)))?.artists ?? []
    }
    #expect(found == [artist])
    try hints.acknowledge()
    try listening.eventually("acknowledged") { try listening.count("search.index.artist") == 0 }
  }
}
