import Core
import Documents
import Metadata
import Testing

@testable import Cache
@testable import Freshness

/// What has changed is computed anew, in every tier, whatever is away meanwhile.
@Suite struct InvalidatorTests {
  let world = World()
  let id = World.album(1)
  let key = World.key(1)
  let other = World.key(2)

  /// Fills the tiers, and reads to the end of what the source has to tell.
  func prepare(_ world: World) throws {
    world.change([World.album(1), World.album(2)], to: "old")
    #expect(try world.answer(key) == "old")
    #expect(try world.answer(other) == "old")
    world.clock.time = world.clock.time + 60
    try world.run()
    #expect(try world.answer(key) == "old")
    #expect(try world.answer(other) == "old")
    world.purging.purged = []
    world.clock.time = world.clock.time + 60
  }

  @Test func `what changed is computed anew, what did not is not, and the second run finds nothing`() throws {
    try prepare(world)
    world.truth[other] = "must not be asked"
    world.change([id], to: "new")
    #expect(try world.answer(key) == "old")
    let run = try world.run()
    #expect(run.ending == .finished && run.count == 1 && run.missed.isEmpty)
    #expect(run.changes.paths == ["/album/\(id)"])
    #expect(try world.answer(key) == "new")
    #expect(try world.answer(other) == "old")
    let revocations = try #require(world.durable).revocations
    #expect(try world.run().count == 0)
    #expect(world.durable?.revocations == revocations, "a run that finds nothing writes nothing")
  }

  @Test func `each tier is revoked for itself`() throws {
    try prepare(world)
    world.change([id], to: "new")
    try world.run()
    world.shared?.memory.removeAll()
    #expect(try world.answer(key) == "new", "the durable tier alone")
    world.change([id], to: "newer")
    try world.run()
    let document = try #require(try world.store().durable?.get([key])[0])
    #expect(document.isRevoked)
    #expect(world.store().judge(world.shared?.get([world.store().name(of: key)])[0], .album).validity == .revoked)
  }

  @Test func `every kind of change reaches its documents`() throws {
    var changes = EntityChanges()
    changes.artists = [id]
    changes.discographies = [World.album(2)]
    changes.albums = [World.album(3)]
    changes.series = [World.album(4)]
    changes.spotifyArtists = ["abc", "no id: \u{0}"]
    changes.spotifyAlbums = ["def"]
    let keys = Set(changes.documents(isDecorated: false))
    let kinds = Dictionary(grouping: keys, by: \.id).mapValues { Set($0.map(\.kind.name)) }
    #expect(kinds[id] == ["artist", "mb-artist"])
    #expect(kinds[World.album(2)] == ["artist-albums", "mb-artist-albums"])
    #expect(kinds[World.album(3)] == ["album", "mb-album"])
    #expect(kinds[World.album(4)] == ["series"])
    #expect(
      keys.contains(CacheKey(.spotifyArtist, named: "abc")) && keys.contains(CacheKey(.spotifyAlbum, named: "def")))
    #expect(keys.count == 9)
    #expect(changes.paths.count == 6 && changes.documents(isDecorated: true).count == 11)
  }

  @Test func `a shared tier that is away hears of what it missed, from another process`() throws {
    try prepare(world)
    let shared = try #require(world.shared)
    shared.isThere = false
    world.change([id], to: "new")
    let run = try world.run()
    #expect(run.missed == [.shared] && run.ending == .finished)
    #expect(try world.answer(key) == "new", "the durable tier has heard")
    world.change([World.album(2)], to: "new")
    try world.run()
    // It is back with what it had.
    shared.isThere = true
    #expect(try world.answer(key) == "old")
    #expect(try world.run().missed.isEmpty)
    #expect(try world.answer(key) == "new")
    #expect(try world.answer(other) == "new")
  }

  @Test func `a shared tier that comes back empty is filled with what is right`() throws {
    try prepare(world)
    world.shared?.isThere = false
    world.change([id], to: "new")
    try world.run()
    world.shared?.isThere = true
    world.shared?.memory.removeAll()
    #expect(try world.run().missed.isEmpty)
    #expect(try world.answer(key) == "new")
    world.change([id], to: "newer")
    try world.run()
    #expect(try world.answer(key) == "newer")
  }

  @Test func `a part of the shared tier that is away hears later, the others at once`() throws {
    try prepare(world)
    let shared = try #require(world.shared)
    shared.isPartly = true
    world.change([id], to: "new")
    #expect(try world.run().missed == [.shared])
    #expect(try world.answer(key) == "new")
    // The other part has the old document still.
    shared.memory.set([
      CacheItem(world.store().name(of: key), world.document("old", .album).encoded(), lifetime: 1_000)
    ])
    shared.isPartly = false
    #expect(try world.run().missed.isEmpty)
    #expect(try world.answer(key) == "new")
  }

  @Test func `a durable tier that is away hears of what it missed, and what was copied from it is gone`() throws {
    try prepare(world)
    let (shared, durable) = (try #require(world.shared), try #require(world.durable))
    durable.isThere = false
    world.change([id], to: "new")
    #expect(try world.run().missed == [.durable])
    #expect(try world.answer(key) == "new", "the shared tier has heard")
    // Forgotten there, and filled from the durable tier before that has heard.
    shared.memory.delete(world.store().name(of: key))
    durable.isThere = true
    #expect(try world.answer(key) == "old")
    #expect(try world.run().missed.isEmpty)
    #expect(try world.answer(key) == "new")
    shared.memory.removeAll()
    #expect(try world.answer(key) == "new")
  }

  @Test func `a source that cannot answer loses nothing`() throws {
    try prepare(world)
    world.change([id], to: "new")
    world.source.isAway = true
    #expect(throws: SourceError.self) { try world.run() }
    world.source.isAway = false
    #expect(try world.run().count == 1)
    #expect(try world.answer(key) == "new")
  }

  @Test(arguments: [true, false])
  func `killed at any step it loses nothing, and what is purged is purged after that`(purges: Bool) throws {
    for step in 1... {
      let world = World()
      try prepare(world)
      // Three batches.
      for number in 1...2 { world.change([World.album(number)], to: "new") }
      var purgedAtOnce: [String] = []
      world.purging.meanwhile = { changes in
        // Whoever asks now for what is purged gets what is new.
        for id in changes.albums {
          let isDead = world.death.left
          world.death.left = nil
          purgedAtOnce.append((try? world.answer(CacheKey(.album, id))) ?? "error")
          world.death.left = isDead
        }
      }
      world.death.revive()
      world.death.left = step
      _ = try? world.run(world.invalidator(purges: purges, rows: 1))
      let wasKilled = world.death.isDead
      world.death.revive()
      // Its lease is over.
      world.clock.time = world.clock.time + 60
      try world.run(world.invalidator(purges: purges, rows: 1))
      for key in [key, other] {
        #expect(try world.answer(key) == "new", "killed at step \(step)")
        world.shared?.memory.removeAll()
        #expect(try world.answer(key) == "new", "killed at step \(step), from the durable tier")
      }
      if purges {
        let purged = world.purging.purged.reduce(into: Set<MBID>()) { $0.formUnion($1.albums) }
        #expect(purged == [World.album(1), World.album(2)], "killed at step \(step)")
        #expect(purgedAtOnce.allSatisfy { $0 == "new" }, "killed at step \(step): \(purgedAtOnce)")
      }
      guard wasKilled else {
        #expect(step > 10)
        return
      }
    }
  }

  @Test func `who purges cannot note it: the bookmark stays`() throws {
    try prepare(world)
    world.purging.fails = true
    world.change([id], to: "new")
    _ = try? world.run()
    world.purging.fails = false
    #expect(try world.run().count >= 1)
    #expect(world.purging.purged.contains { $0.albums == [id] })
  }

  // MARK: - Computations under way

  @Test(arguments: [true, false], [true, false])
  func `a computation under way cannot bring the old back`(isThere: Bool, isSharedThere: Bool) throws {
    if isThere { try prepare(world) } else { try world.run() }
    world.truth[key] = "old"
    // Have it computed although it is there.
    world.store().revoke([key])
    world.shared?.isThere = isSharedThere
    let process = world.store()
    var isFirst = true
    let answer = try world.answer(key, process) { [world, id] in
      guard isFirst else { return }
      isFirst = false
      world.change([id], to: "new")
      _ = try? world.run()
    }
    // What it has read is true of a moment within the request; it may also have been asked once more.
    #expect(["old", "new"].contains(answer))
    world.shared?.isThere = true
    try world.run()
    #expect(try world.answer(key) == "new")
    world.shared?.memory.removeAll()
    #expect(try world.answer(key) == "new")
  }

  @Test func `lists that name what changed are made anew`() throws {
    let list = CacheKey(CacheKey.Kind("test-list", parts: 1...1).with { $0.followsReferences = true }, World.album(7))
    func ask(_ text: String) throws -> String {
      let store = world.store()
      let document = try store.load([list], by: .after(milliseconds: 1_000)) { [world] keys, _ throws(SourceError) in
        var document = Document(
          parts: [.init(Fragment(Array(text.utf8)))], references: [World.album(1)], expires: world.clock.time + 9_999)
        document.stamp = 0
        return [keys[0]: document]
      }[0]
      store.catchUp()
      let output = OutputBuffer()
      _ = Body(document.parts.map(\.fragment)).appendPlain(to: output)
      return String(decoding: output.bytes, as: UTF8.self)
    }
    try prepare(world)
    #expect(try ask("old list") == "old list")
    #expect(try ask("new list") == "old list")
    world.change([World.album(2)], to: "new")
    try world.run()
    #expect(try ask("new list") == "old list")
    world.change([id], to: "new")
    try world.run()
    #expect(try ask("new list") == "new list")
  }

  // MARK: - Other deployments

  @Test func `without a durable tier the shared one has the bookmark`() throws {
    let world = World(hasDurable: false)
    try prepare(world)
    world.change([id], to: "new")
    #expect(try world.run().count == 1)
    #expect(try world.answer(key) == "new")
    #expect(try world.run().count == 0)
    // It has been restarted: what was computed since may be older than what has changed since.
    world.shared?.memory.removeAll()
    #expect(try world.answer(key) == "new")
    world.change([id], to: "newer")
    try world.run()
    #expect(try world.answer(key) == "newer")
  }

  @Test func `without a durable tier, a part of the shared one that is away stops nobody`() throws {
    let world = World(hasDurable: false)
    try prepare(world)
    world.shared?.isPartly = true
    let invalidator = world.invalidator()
    world.change([id], to: "new")
    #expect(try world.run(invalidator).missed == [.shared])
    #expect(try world.answer(key) == "new")
    #expect(try world.run(invalidator).count == 0, "not all over again each time")
    world.shared?.isPartly = false
    #expect(try world.run(invalidator).count == 1)
    #expect(try world.run(invalidator).count == 0)
  }

  @Test func `without a shared tier the durable one is all`() throws {
    let world = World(hasShared: false)
    try prepare(world)
    world.change([id], to: "new")
    #expect(try world.run().missed.isEmpty)
    #expect(try world.answer(key) == "new")
  }

  @Test func `without any tier a process invalidates its own memory, from when it was started`() throws {
    let world = World(hasShared: false, hasDurable: false)
    world.change([id], to: "old")
    world.clock.time = world.clock.time + 1_000
    let process = world.store()
    let invalidator = world.invalidator(process)
    #expect(!invalidator.reachesAll)
    #expect(try world.answer(key, process) == "old")
    #expect(try world.run(invalidator).count == 0)
    world.change([id], to: "new")
    #expect(try world.run(invalidator).count == 1)
    #expect(try world.answer(key, process) == "new")
    #expect(try world.run(invalidator).count == 0)
  }
}
