import Core
import Glibc
import Metadata
import Synchronization
import Testing

@testable import Cache
@testable import Documents

/// What every durable tier promises to crawlers.
@Suite struct DueContract {
  let time = TestClock.start
  let ids = (0..<20).map { MBID(high: UInt64($0) << 58 | 7, low: UInt64($0)) }

  func document(_ text: String, expires: UnixTime, stamp: UInt64 = 77) -> Document {
    var document = Document(parts: [.init(label: [1], Fragment(Array(text.utf8)))], expires: expires)
    document.stamp = stamp
    return document
  }

  func keep(_ tier: any DurableTier, _ documents: [MBID: Document]) throws {
    let keyed = Dictionary(uniqueKeysWithValues: documents.map { (CacheKey(.artist, $0.key), $0.value) })
    #expect(try tier.set(keyed, revision: try tier.revision()).isEmpty)
  }

  func question(before: UnixTime, limit: Int = 100) -> DueQuestion {
    DueQuestion(.artist, before: before, stamp: 77, limit: limit)
  }

  @Test(arguments: DurableKind.available)
  func `what was revoked comes first, then the stale, other stamps, and what is only known`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    try keep(
      tier,
      [
        ids[0]: document("fresh", expires: time + 500), ids[1]: document("later", expires: time + 90),
        ids[2]: document("sooner", expires: time + 20), ids[3]: document("other", expires: time + 500, stamp: 78),
        ids[4]: document("another", expires: time + 500, stamp: 3), ids[5]: document("revoked", expires: time + 500),
        ids[6]: document("unknown", expires: time + 500, stamp: 0), ids[9]: document("gone", expires: time + 5),
        ids[10]: document("high", expires: time + 500, stamp: .max),
      ])
    try tier.insert([ids[7], ids[5], ids[0]], of: .artist)
    try tier.revoke([CacheKey(.artist, ids[5]), CacheKey(.artist, ids[8])])
    try tier.forget([CacheKey(.artist, ids[9])], revision: try tier.revision())
    var order: [MBID] = []
    while let due = try tier.claimDue(question(before: time + 100, limit: 1), seconds: 60).first {
      order.append(due.key.id)
      #expect(due.isUrgent == ![ids[1], ids[2]].contains(due.key.id))
      #expect((due.fingerprint == nil) == (due.key.id == ids[7]))
      #expect(due.document == nil)
    }
    #expect(order[..<3] == [ids[5], ids[2], ids[1]])
    #expect(Set(order[3..<6]) == [ids[3], ids[4], ids[10]])
    #expect(order[6...] == [ids[7]], "a mark of revocation and what is gone are not due")
    #expect(
      try store.open().claimDue(DueQuestion(.artist, before: time + 600, limit: 100), seconds: 60).map(\.key.id)
        .contains(ids[0]), "without a stamp only time counts")
  }

  @Test(arguments: DurableKind.available)
  func `what is claimed is nobody else's until it is stored, revoked, given back or the time is over`(
    kind: DurableKind
  ) throws {
    let store = try kind.make()
    let tier = try store.open()
    try keep(
      tier, Dictionary(uniqueKeysWithValues: ids[..<4].map { ($0, document("a", expires: time + 10)) }))
    var wanted = question(before: time + 100)
    wanted.wantsDocuments = true
    let claimed = try tier.claimDue(wanted, seconds: 1)
    #expect(Set(claimed.map(\.key.id)) == Set(ids[..<4]))
    #expect(claimed.allSatisfy { $0.document?.expires == time + 10 && $0.document?.parts.count == 1 })
    let other = try store.open()
    #expect(try other.claimDue(wanted, seconds: 60).isEmpty)
    try tier.giveBack(claimed.filter { $0.key.id == ids[0] })
    #expect(try other.claimDue(wanted, seconds: 60).map(\.key.id) == [ids[0]])
    try tier.giveBack(claimed.filter { $0.key.id == ids[0] })
    #expect(try other.claimDue(wanted, seconds: 60).isEmpty, "it is somebody else's now")
    try tier.revoke([CacheKey(.artist, ids[1])])
    #expect(try other.claimDue(wanted, seconds: 60).map(\.key.id) == [ids[1]])
    tier.isForPeople = false
    try keep(tier, [ids[2]: document("b", expires: time + 10)])
    #expect(try other.claimDue(wanted, seconds: 60).isEmpty, "who made it anew does not do so again and again")
    tier.isForPeople = true
    try keep(tier, [ids[2]: document("b", expires: time + 10)])
    #expect(try other.claimDue(wanted, seconds: 60).map(\.key.id) == [ids[2]])
    if kind == .postgres { usleep(1_200_000) }
    #expect(try store.open(at: time + 2).claimDue(wanted, seconds: 60).map(\.key.id) == [ids[3]])
  }

  @Test(arguments: DurableKind.available)
  func `several at once never claim the same, and leave nothing out`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    let many = (0..<2_000).map { MBID(high: UInt64($0), low: 9) }
    try tier.insert(many, of: .album)
    let tiers = Mutex(try (0..<4).map { _ in try store.open() }.map { SendableTier(tier: $0) })
    let found = try inParallel(4) { _ in
      let tier = tiers.withLock { $0.removeLast() }.tier
      var mine: [MBID] = []
      while case let due = try tier.claimDue(
        DueQuestion(.album, before: TestClock.start, limit: 37), seconds: 600), !due.isEmpty
      {
        mine += due.map(\.key.id)
      }
      return mine
    }.flatMap(\.self)
    // Whoever looks while another holds the last rows finds none, and comes again later.
    let rest = try tier.claimDue(DueQuestion(.album, before: time, limit: 5_000), seconds: 600).map(\.key.id)
    #expect((found + rest).count == many.count)
    #expect(Set(found + rest) == Set(many))
  }

  struct SendableTier: @unchecked Sendable {
    // Each is used by one thread.
    let tier: any DurableTier
  }

  @Test(arguments: DurableKind.available)
  func `stamps that nobody has noted are read from the documents`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    try keep(
      tier,
      [
        ids[0]: document("a", expires: time + 500), ids[1]: document("b", expires: time + 500, stamp: 5),
        ids[2]: document("c", expires: time + 500, stamp: 0),
      ])
    try store.execute("UPDATE \(kind == .postgres ? "cache." : "")document SET stamp = 0")
    #expect(try tier.claimDue(question(before: time), seconds: 60).isEmpty)
    #expect(try tier.noteStamps(of: .artist, limit: 2) == 2)
    #expect(try tier.noteStamps(of: .artist, limit: 2) == 1)
    #expect(try tier.noteStamps(of: .artist, limit: 2) == 0)
    #expect(
      Set(try tier.claimDue(question(before: time), seconds: 60).map(\.key.id)) == [ids[1], ids[2]],
      "what has no stamp is of nobody's settings")
  }

  @Test(arguments: DurableKind.available)
  func `only what was asked for lately, where that is wanted`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    tier.isForPeople = false
    try keep(tier, [ids[0]: document("a", expires: time + 10), ids[1]: document("b", expires: time + 10)])
    tier.isForPeople = true
    try keep(tier, [ids[1]: document("b", expires: time + 10), ids[2]: document("c", expires: time + 10)])
    tier.isForPeople = false
    try keep(tier, [ids[2]: document("d", expires: time + 10)])
    try tier.insert([ids[3]], of: .artist)
    var lately = question(before: time + 100)
    lately.usedSince = time + -7_200
    #expect(Set(try tier.claimDue(lately, seconds: 60).map(\.key.id)) == [ids[1], ids[2]])
    #expect(Set(try tier.claimDue(question(before: time + 100), seconds: 60).map(\.key.id)) == [ids[0], ids[3]])
  }
}
