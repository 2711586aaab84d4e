import Core
import Foundation
import Metadata
import TestMusicBrainz
import Testing

@testable import MusicBrainz
@testable import Postgres

extension TestDatabase {
  static func server() throws -> PostgresServer {
    let options = try options()
    return PostgresServer(host: options.hosts[0], port: options.ports[0], user: options.user ?? "postgres")
  }

  static func master(_ purpose: String) throws -> MasterDatabase {
    try MasterDatabase("linernotes_\(purpose)_\(getpid())", on: try server(), rows: try options().database)
  }
}

/// Somebody who is told of changes of a mirror.
final class Consumer {
  let mirror: MirrorDatabase
  let database: MusicBrainzDatabase
  var position: String?

  init(_ mirror: MirrorDatabase) throws {
    self.mirror = mirror
    database = try TestDatabase.open(name: mirror.name)
    position = try next().position
  }

  func next(limit: Int = 1_000) throws -> ChangeBatch {
    try database.changes(after: position, limit: limit, by: Deadline.after(milliseconds: 60_000))
  }

  /// All that there is to be told, in batches of about `limit` rows.
  func read(limit: Int = 1_000) throws -> ChangeBatch {
    var all = try next(limit: limit)
    position = all.position
    while !all.isLast {
      let batch = try next(limit: limit)
      position = batch.position
      all.changes.add(batch.changes)
      all.rows += batch.rows
      all.isLast = batch.isLast
      all.hasGap = all.hasGap || batch.hasGap
    }
    return all
  }
}

extension DatabaseTests {
  @Suite struct ChangeTests {
    @Test func `of every edit exactly those documents are told that show it`() throws {
      let master = try TestDatabase.master("edits")
      let packets = try MirrorDatabase("\(master.name)_packets", of: master)
      try packets.install("create-indices", ["indexes=off"])
      let rows = try MirrorDatabase("\(master.name)_rows", of: master)
      try rows.install("create-indices", ["indexes=off", "packets=off"])
      try rows.install("create-row-triggers")
      let times = try MirrorDatabase("\(master.name)_times", of: master)
      let consumers = try [Consumer(packets), Consumer(rows), Consumer(times)]
      let deadline = Deadline.after(milliseconds: 600_000)
      #expect(try consumers.map { try $0.database.feed(by: deadline) } == [.packets, .rows, .times])

      for edit in edits {
        let packet = try master.packet(after: edit.sql)
        for (index, consumer) in consumers.enumerated() {
          try consumer.mirror.replicate(packet, by: index == 0 ? .musicbrainz : .mbslave)
          let batch = try consumer.read()
          let isTimed = index == 2
          let expected = isTimed ? edit.timed : edit.told
          #expect(batch.changes == expected, "\(edit), \(index): \(batch.changes.text), not \(expected.text)")
          let hasGap = edit.isEverything && !isTimed
          let reasons = batch.hasGap && !hasGap ? try consumer.mirror.run("SELECT reason FROM linernotes.gap") : ""
          #expect(batch.hasGap == hasGap, "\(edit), \(index): \(reasons)")
          #expect(batch.scanned.isEmpty != isTimed)
          #expect(try consumer.read().changes.isEmpty, "\(edit), \(index): told twice")
        }
      }
    }
  }
}
