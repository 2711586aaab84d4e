import Core
import Foundation
import Metadata
import TestMusicBrainz
import Testing

@testable import MusicBrainz
@testable import Postgres

extension DatabaseTests {
  /// What goes wrong with what records changes. Replication goes on in all of it, and nothing is lost silently.
  @Suite struct ChangeFaultTests {
    let master: MasterDatabase
    let mirror: MirrorDatabase
    let deadline = Deadline.after(milliseconds: 600_000)

    init() throws {
      master = try TestDatabase.master("faults")
      mirror = try MirrorDatabase("\(master.name)_mirror", of: master)
      try mirror.install("create-indices", ["indexes=off"])
    }

    /// Renames the artist 101, and returns whether the mirror has heard of it.
    private func rename(by tool: MirrorDatabase.Tool = .musicbrainz) throws {
      let name = "Renamed \(UInt32.random(in: 0...UInt32.max))"
      try mirror.replicate(
        master.packet(after: "UPDATE artist SET name = '\(name)' WHERE id = key(101)"), by: tool)
      try #require(try mirror.run("SELECT name FROM artist WHERE id = key(101)") == name, "replication has stopped")
    }

    @Test func `a packet is told of when all of it has been applied, and not before`() throws {
      let consumer = try Consumer(mirror)
      let packet = try master.packet(
        after: "UPDATE artist SET ended = true WHERE id = key(103);\nCOMMIT;\nBEGIN;\nDELETE FROM artist_alias")
      try mirror.load(packet)
      let late = try Consumer(mirror)
      var transactions = 0
      repeat {
        #expect(try consumer.database.replication(by: deadline).isHalfApplied)
        let batch = try consumer.read()
        #expect(batch.rows == 0 && batch.isLast && !batch.hasGap)
        transactions += 1
      } while try mirror.applyNext() && transactions < 3
      #expect(try !mirror.applyNext())
      #expect(try !consumer.database.replication(by: deadline).isHalfApplied)
      #expect(try consumer.database.replication(by: deadline).sequence == packet.sequence)
      let changes = try consumer.read().changes
      #expect(changes.artists.isSuperset(of: EntityChanges.of(artists: [101, 103]).artists))
      // Whoever began while it was half applied has read rows that were not there yet.
      #expect(try late.read().changes == changes)
    }

    @Test func `a position is understood whatever the epoch is`() throws {
      // In bytes it is |||||||||||||||| and would be taken for separators.
      try mirror.run("UPDATE linernotes.feed SET epoch = '7c7c7c7c-7c7c-7c7c-7c7c-7c7c7c7c7c7c'")
      let consumer = try Consumer(mirror)
      #expect(try !consumer.read().hasGap)
      try rename()
      let batch = try consumer.read()
      #expect(!batch.hasGap && batch.changes == .of(artists: [101], series: [172, 173]))
      try mirror.run("UPDATE linernotes.feed SET epoch = gen_random_uuid()")
      #expect(try consumer.read().hasGap, "what another epoch had recorded is not known")
    }

    @Test func `what cannot be recorded does not stop replication, and is a gap`() throws {
      let consumer = try Consumer(mirror)
      try mirror.run(
        """
        CREATE FUNCTION linernotes.full() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON linernotes.change EXECUTE FUNCTION linernotes.full()
        """)
      for tool in MirrorDatabase.Tool.allCases {
        try rename(by: tool)
        let batch = try consumer.read()
        #expect(batch.hasGap && batch.changes.isEmpty)
        #expect(try !consumer.read().hasGap, "told twice")
      }
      #expect(try mirror.run("SELECT min(reason) FROM linernotes.gap").hasPrefix("53100"))
      try mirror.run("DROP TRIGGER full_disk ON linernotes.change")
      try rename()
      let batch = try consumer.read()
      #expect(!batch.hasGap && batch.changes == .of(artists: [101], series: [172, 173]))
    }

    @Test func `a gap is noticed by the numbers of packets where not even that can be recorded`() throws {
      let consumer = try Consumer(mirror)
      try mirror.run("ALTER SCHEMA linernotes RENAME TO elsewhere")
      try rename()
      try mirror.run("ALTER SCHEMA elsewhere RENAME TO linernotes")
      #expect(try consumer.read().hasGap)
      #expect(try !consumer.read().hasGap)

      try mirror.run("ALTER TABLE dbmirror2.pending_data DISABLE TRIGGER linernotes_copy_packet")
      try rename(by: .mbslave)
      #expect(try consumer.database.feed(by: deadline) == .times)
      try mirror.run("ALTER TABLE dbmirror2.pending_data ENABLE TRIGGER linernotes_copy_packet")
      try rename(by: .mbslave)
      let batch = try consumer.read()
      #expect(batch.hasGap && batch.changes == .of(artists: [101], series: [172, 173]))

      try rename()
      #expect(try !consumer.read().hasGap)
    }

    @Test func `tables that are gone, and columns that have another name, stop nothing`() throws {
      let consumer = try Consumer(mirror)
      try mirror.run("ALTER TABLE dbmirror2.pending_data RENAME newdata TO newer")
      try mirror.load(master.packet(after: "UPDATE artist SET name = 'X' WHERE id = key(101)"))
      try mirror.run("ALTER TABLE dbmirror2.pending_data RENAME newer TO newdata")
      while try mirror.applyNext() {}
      #expect(try consumer.read().hasGap)
      #expect(try mirror.run("SELECT count(*) FROM linernotes.gap") == "1")

      try mirror.run("DROP TABLE linernotes.change")
      try rename()
      #expect(try consumer.database.feed(by: deadline) == .times)
      // Times tell of it now.
      #expect(try consumer.read().changes.artists == EntityChanges.of(artists: [101]).artists)
      try mirror.run("DROP SCHEMA linernotes CASCADE")
      try rename()
      #expect(try consumer.database.feed(by: deadline) == .times)
      #expect(try consumer.read().changes.artists == EntityChanges.of(artists: [101]).artists)

      try mirror.install("create-indices", ["indexes=off"])
      #expect(try consumer.database.feed(by: deadline) == .packets)
      #expect(try consumer.read().hasGap, "nobody knows what changed before")
      try rename()
      let batch = try consumer.read()
      #expect(!batch.hasGap && batch.changes == .of(artists: [101], series: [172, 173]))
    }

    @Test func `a column of MusicBrainz' that has another name has all compared`() throws {
      let consumer = try Consumer(mirror)
      try mirror.run(
        """
        INSERT INTO linernotes.change (tablename, count, rows)
        VALUES ('artist', 1, '[{"op": "u", "old": {"id": 1, "title": "A"}, "new": {"id": 1, "title": "B"}}]')
        """)
      #expect(try consumer.read().hasGap)
    }

    @Test func `a database that was imported again has a gap`() throws {
      let consumer = try Consumer(mirror)
      try rename()
      let again = try MirrorDatabase("\(master.name)_again", of: master)
      try again.install("create-indices", ["indexes=off"])
      let second = try Consumer(again)
      second.position = consumer.position
      #expect(try second.read().hasGap)
      #expect(try !second.read().hasGap)
      try again.run("DROP SCHEMA linernotes CASCADE")
      second.position = consumer.position
      #expect(try second.read().hasGap)
    }

    @Test func `a position that nobody wrote has a gap, and fails nothing`() throws {
      let consumer = try Consumer(mirror)
      let position = try #require(consumer.position)
      var broken = [
        "", "1", "x|y|z", "1|||||||", String(repeating: "|", count: 12), position + "|", "2" + position.dropFirst(),
      ]
      for index in position.indices {
        broken.append(String(position[..<index]))
        broken.append(position.replacingCharacters(in: index...index, with: "\u{1F600}"))
        broken.append(position.replacingCharacters(in: index...index, with: "9"))
      }
      for text in broken {
        consumer.position = text
        let batch = try consumer.next()
        #expect(batch.changes.isEmpty && batch.isLast)
      }
      consumer.position = "nonsense"
      #expect(try consumer.next().hasGap)
    }

    @Test func `what is committed late is told late, and to everybody`() throws {
      try mirror.install("create-row-triggers")
      let consumers = try [Consumer(mirror), Consumer(mirror)]
      let server = master.server
      let name = mirror.name
      // A thread of its own: tasks wait for each other where many tests run.
      Thread.detachNewThread {
        _ = try? server.run(
          "UPDATE artist SET name = 'Slow' WHERE id = key(101); SELECT pg_sleep(5)", in: name, asOne: true)
      }
      func wait(until isSo: () throws -> Bool) throws {
        for _ in 0..<600 {
          if try isSo() { return }
          usleep(50_000)
        }
        Issue.record("it has not come to that in half a minute")
      }
      try wait {
        try mirror.run("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(5)%'") != "0"
      }
      try mirror.run("UPDATE artist SET name = 'Quick' WHERE id = key(102)")
      #expect(try consumers[0].read().changes.artists == EntityChanges.of(artists: [102]).artists)
      try wait { try mirror.run("SELECT name FROM artist WHERE id = key(101)") == "Slow" }
      #expect(try consumers[0].read().changes.artists == EntityChanges.of(artists: [101]).artists)
      #expect(try consumers[1].read().changes.artists == EntityChanges.of(artists: [101, 102]).artists)
    }

    @Test func `old changes are removed, and whoever has not read them has a gap`() throws {
      let consumer = try Consumer(mirror)
      try rename()
      let late = try Consumer(mirror)
      try mirror.run("UPDATE linernotes.change SET made = now() - interval '31 days'")
      try rename()
      #expect(try mirror.run("SELECT count(*) FROM linernotes.change WHERE made < now() - interval '1 day'") == "0")
      #expect(try consumer.read().hasGap)
      let batch = try late.read()
      #expect(!batch.hasGap && batch.changes == .of(artists: [101], series: [172, 173]))
    }

    @Test func `a batch is about as large as was asked for, and batches are all there is`() throws {
      let consumers = try [Consumer(mirror), Consumer(mirror)]
      try mirror.replicate(
        master.packet(after: "UPDATE recording SET length = length + 1; UPDATE track SET number = number || 'x'"),
        by: .musicbrainz)
      let all = try consumers[0].read(limit: 100_000)
      #expect(all.rows > 200 && all.changes.albums.count > 10)
      var changes = EntityChanges()
      var batches = 0
      while true {
        let batch = try consumers[1].next(limit: 10)
        consumers[1].position = batch.position
        changes.add(batch.changes)
        batches += 1
        if batch.isLast { break }
      }
      #expect(batches > 1)
      #expect(changes == all.changes)
    }

    @Test func `what changed since a moment is told from there on`() throws {
      try rename()
      let since = UnixTime.now
      try mirror.run("UPDATE linernotes.change SET made = made - interval '2 hours'")
      try mirror.replicate(master.packet(after: "UPDATE artist SET ended = true WHERE id = key(103)"), by: .mbslave)
      let consumer = try Consumer(mirror)
      consumer.position = try consumer.database.position(since: since, by: deadline)
      var batch = try consumer.read()
      #expect(batch.changes.artists.isSuperset(of: EntityChanges.of(artists: [103]).artists))
      #expect(!batch.hasGap)
      // Before anything was recorded.
      consumer.position = try consumer.database.position(since: UnixTime(seconds: 1), by: deadline)
      batch = try consumer.read()
      #expect(batch.hasGap)
      #expect(batch.changes.artists == EntityChanges.of(artists: [101, 103]).artists)
      #expect(try !consumer.read().hasGap)
      for seconds in [Int64.min, -1, .max] {
        consumer.position = try consumer.database.position(since: UnixTime(seconds: seconds), by: deadline)
        _ = try consumer.read()
      }
    }

    @Test func `the scripts may be run again, by others and elsewhere, and say what they leave out`() throws {
      let indexes = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'linernotes%'"
      try mirror.run("CREATE INDEX of_somebody_else ON track (last_updated)")
      try mirror.install("create-indices")
      #expect(try mirror.run(indexes) == "26")
      #expect(try mirror.install("create-indices") == "Packets of replication are copied.")
      #expect(try mirror.run(indexes) == "26")
      #expect(try Consumer(mirror).database.feed(by: deadline) == .packets)

      let other = try MirrorDatabase("\(master.name)_other", of: master)
      try other.run(
        """
        DROP ROLE IF EXISTS linernotes_nobody;
        CREATE ROLE linernotes_nobody LOGIN;
        GRANT USAGE ON SCHEMA musicbrainz, cover_art_archive TO linernotes_nobody;
        GRANT SELECT ON ALL TABLES IN SCHEMA musicbrainz, cover_art_archive TO linernotes_nobody
        """)
      defer { _ = try? other.run("DROP OWNED BY linernotes_nobody; DROP ROLE linernotes_nobody") }
      var server = master.server
      server.user = "linernotes_nobody"
      let said = try server.run(file: MasterDatabase.script("create-indices"), in: other.name)
      #expect(said.contains("may not create schemas"))
      #expect(said.contains("does not own"))
      #expect(try other.run(indexes) == "0")
      // It reads what others record.
      try other.install("create-indices", ["indexes=off"])
      var options = try TestDatabase.options(name: other.name)
      options.user = server.user
      let database = MusicBrainzDatabase(options: options, logger: TestDatabase.logger)
      let start = try database.changes(after: nil, limit: 10, by: deadline).position
      try other.replicate(
        master.packet(after: "UPDATE artist SET ended = true WHERE id = key(103)"), by: .musicbrainz)
      #expect(try database.changes(after: start, limit: 10, by: deadline).changes == .of(artists: [103]))
      #expect(try other.install("create-indices", ["remove=on"]).contains("Removed"))
      #expect(try database.feed(by: deadline) == .times)
    }
  }
}
