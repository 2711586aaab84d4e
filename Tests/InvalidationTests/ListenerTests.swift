import Core
import Documents
import Metadata
import Testing

@testable import Cache
@testable import Freshness

/// Waiting for changes: failures, standing by, and announcements.
@Suite struct ListenerTests {
  let world = World()

  final class Hints: ChangeHints {
    var announced: [EntityChanges] = []
    var acknowledged = 0
    var beats = 0

    func next(by deadline: Deadline) throws(SourceError) -> EntityChanges {
      announced.isEmpty ? EntityChanges() : announced.removeFirst()
    }
    func acknowledge() throws(SourceError) { acknowledged += 1 }
    func beat() { beats += 1 }
  }

  func listener(_ hints: [any ChangeHints] = [], _ invalidator: Invalidator? = nil) -> Listener {
    var options = Listener.Options()
    options.shortestPause = 0
    options.longestPause = 0
    let world = world
    return Listener(
      invalidator ?? world.invalidator(), hints: hints,
      place: StandbyPlace(world.coordination, now: { UInt64(world.clock.time.seconds) * 1_000_000_000 }),
      options: options, logger: World.logger)
  }

  /// Runs it for so many rounds; `between` runs after each.
  func run(_ listener: Listener, rounds: Int, between: @escaping (Int) -> Void = { _ in }) {
    var round = 0
    var looks = 0
    listener.run(untilTold: {
      looks += 1
      return round >= rounds || looks > 10_000
    }) { _ in
      round += 1
      between(round)
    }
  }

  @Test func `what changes takes effect in the next round, and what fails is tried again`() throws {
    try world.run()
    world.change([World.album(1)], to: "old")
    var answers: [String] = []
    run(listener(), rounds: 5) { [world] round in
      answers.append((try? world.answer(World.key(1))) ?? "error")
      switch round {
      case 1: world.change([World.album(1)], to: "new")
      case 2:
        world.source.isAway = true
        world.change([World.album(1)], to: "newer")
      case 3: world.source.isAway = false
      default: break
      }
    }
    #expect(answers == ["old", "new", "new", "newer", "newer"])
  }

  @Test func `one listens, the other stands by until that one is gone`() throws {
    try world.run()
    let (first, second) = (listener(), listener())
    run(first, rounds: 2) { [world] round in
      let asked = world.source.questions
      run(second, rounds: 1)
      #expect(world.source.questions == asked, "it stands by")
      guard round == 2 else { return }
    }
    let asked = world.source.questions
    run(second, rounds: 1)
    #expect(world.source.questions > asked, "the place has been given back")
  }

  @Test func `the place of a killed listener is free after some seconds`() throws {
    try world.run()
    let killed = StandbyPlace(world.coordination, now: { 0 })
    #expect(killed.take())
    var asked = world.source.questions
    run(listener(), rounds: 1)
    #expect(world.source.questions == asked)
    world.clock.time = world.clock.time + 11
    asked = world.source.questions
    run(listener(), rounds: 1)
    #expect(world.source.questions > asked)
  }

  @Test func `what is announced takes effect at once, and is acknowledged when every cache has heard of it`() throws {
    try world.run()
    world.truth[World.key(1)] = "old"
    #expect(try world.answer(World.key(1)) == "old")
    world.truth[World.key(1)] = "new"
    let hints = Hints()
    var changes = EntityChanges()
    changes.albums = [World.album(1)]
    hints.announced = [changes]
    world.shared?.isThere = false
    var rounds = 0
    listener([hints]).run(untilTold: { [world] in
      rounds += 1
      if rounds == 4 {
        #expect(hints.acknowledged == 0)
        world.shared?.isThere = true
      }
      return rounds > 8
    }) { _ in }
    #expect(hints.acknowledged == 1)
    #expect(try world.answer(World.key(1)) == "new")
    #expect(world.purging.purged.contains(changes))
  }
}
