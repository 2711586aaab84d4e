import Core
import Foundation
import Logging
import Metadata
import Testing

@testable import Cache
@testable import Documents
@testable import SQLiteStore

/// The document store over a SQLite file alone, in two processes.
@Suite struct DirectStoreTests {
  struct Broken: SourceFailure {
    init() {}
    init(_ error: SourceError) {}
  }

  let directory = StoreDirectory()
  let key = CacheKey(.album, id)
  let one: DocumentStore
  let two: DocumentStore

  init() {
    one = DirectStoreTests.store(directory)
    two = DirectStoreTests.store(directory)
  }

  static func store(
    _ directory: StoreDirectory, _ change: (inout StoreFile.Options) -> Void = { _ in }
  ) -> DocumentStore {
    let (file, clock) = (directory.store(change), directory.clock)
    let notes = SQLiteTier(file)
    return DocumentStore(
      shared: notes, memory: MemoryTier(limit: 1 << 20) { clock.wall }, durable: SQLiteDurableTier(file),
      coordination: TierCoordination(shared: notes, namespace: "test"), policy: .init(staleSeconds: 1_000),
      namespace: "test", logger: StoreDirectory.logger, now: { clock.wall })
  }

  func document(_ text: String) -> Document {
    Document(
      parts: [.init(Fragment(Array(text.utf8)))] + [.init(Fragment([])), .init(Fragment([]))],
      expires: directory.clock.wall + 100)
  }

  func load(_ text: String?, _ store: DocumentStore, meanwhile: @escaping () -> Void = {}) throws -> String {
    let documents = try store.load([key], by: .after(milliseconds: 1_000)) { keys, _ throws(Broken) in
      guard let text else { throw Broken() }
      meanwhile()
      return [keys[0]: document(text)]
    }
    let output = OutputBuffer()
    _ = Body(documents[0].parts.map(\.fragment)).appendPlain(to: output)
    return String(decoding: output.bytes, as: UTF8.self)
  }

  @Test func `what one process computed all find at once, and it is stored once`() throws {
    #expect(try load("one", one) == "one")
    #expect(try load(nil, two) == "one")
    #expect(one.unsaved.isEmpty && one.memory.isEmpty)
    let names = directory.notes().get([one.name(of: key)])
    #expect(names == [nil])
  }

  @Test func `whoever waits finds what the holder of the lease has stored`() throws {
    var awaited: String?
    let text = try load("one", one) {
      // The lease is taken: the other process waits until its deadline.
      awaited = try? load("never", two)
    }
    #expect(text == "one" && awaited == nil)
    #expect(try load(nil, two) == "one")
  }

  @Test func `what was revoked or replaced while it was computed is not kept`() throws {
    #expect(try load("old", one, meanwhile: { two.revoke([key]) }) == "old")
    #expect(try load("new", two) == "new")
    two.revoke([key])
    #expect(try load(nil, one) == "new", "an old one is better than none")
    #expect(try load("newer", one) == "newer")
    #expect(try load(nil, two) == "newer")
  }

  @Test func `a stale document is served and computed anew`() throws {
    _ = try load("one", one)
    directory.clock.advance(500)
    #expect(try load("two", two) == "one")
    two.catchUp()
    #expect(try load(nil, one) == "two")
    directory.clock.advance(2_000)
    #expect(throws: Broken.self) { try load(nil, one) }
  }

  @Test func `that something does not exist is known to all, until another document names it`() throws {
    let gone = try one.load([key], by: .after(milliseconds: 1_000)) { keys, _ throws(Broken) in
      [keys[0]: Document.absent(expires: directory.clock.wall + 10)]
    }
    #expect(gone[0].state == .absent)
    #expect(two.cached([key])[0]?.state == .absent)
    two.forgetAbsence(of: [key])
    #expect(try load("it is", one) == "it is")
    #expect(try one.changed([.album], since: UnixTime(seconds: 1), limit: 10).isEmpty)
  }

  @Test func `searches are kept there as well, and what the source said`() throws {
    let source = CacheKey(
      CacheKey.Kind("mb", parts: 1...1).with {
        $0.isSource = true; $0.isHot = false
      }, id)
    let search = CacheKey(CacheKey.Kind("search", parts: 1...1).with { $0.isDurable = false }, id)
    let said = Document(parts: [.init(Fragment(Array("said".utf8)))], expires: directory.clock.wall + 100)
    _ = try one.load([search], by: .after(milliseconds: 1_000)) { keys, _ throws(Broken) in
      one.keepAfterwards(source) { said }
      return [search: said]
    }
    one.catchUp()
    #expect(two.cached([source, search]).map { $0?.fingerprint } == [said.fingerprint, said.fingerprint])
    two.revoke([search])
    #expect(one.cached([search]).count == 1 && one.cached([search])[0] == nil)
  }

  @Test func `what cannot be stored is kept in memory and saved later`() throws {
    _ = try load("one", one)
    directory.clock.advance(200)
    // Somebody else has the lock.
    let file = directory.store { $0.awaitedMilliseconds = 10 }
    let hasty = DirectStoreTests.store(directory) { $0.awaitedMilliseconds = 10 }
    try file.write { _ in
      #expect((try? load("two", hasty)) == "one")
      hasty.revoke([key])
      #expect((try? load("two", hasty)) == "two")
      #expect((try? load(nil, hasty)) == "two", "from its memory")
      #expect(!hasty.unsaved.isEmpty)
    }
    for _ in 0..<200 where hasty.hasBacklog {
      usleep(20_000)
      hasty.catchUp()
    }
    #expect(!hasty.hasBacklog)
    #expect(try load("three", one) == "three", "nobody knows whether what was saved is newer")
  }
}
