import Core
import Testing

@testable import Cache

/// What every tier promises, on each of them.
@Suite struct CacheTierContract {
  @Test(
    arguments: TierKind.available, [0, 1, 255, 1000, 65_536, 899_999, 900_000, 900_001, 1_048_576, 3_000_000])
  func `a value of any length and any bytes comes back as it was`(kind: TierKind, length: Int) throws {
    let store = try kind.make()
    let value = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try store.open().set([store.item("value", value)])
    #expect(try store.open().get([store.prefix + "value", store.prefix + "nothing"]) == [value, nil])
  }

  @Test(arguments: TierKind.available)
  func `many values are stored at once, and of two under one key the last`(kind: TierKind) throws {
    let store = try kind.make()
    let lengths = [0, 1, 65_000, 65_536, 70_000, 899_999, 900_001, 2_000_000] + Array(repeating: 700, count: 400)
    let items = lengths.indices.map { index in
      store.item("\(index)", [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: lengths[index]))
    }
    try store.open().set(items + [store.item("0", [7])])
    #expect(try store.open().get(items.map(\.key)) == [[7]] + items.dropFirst().map(\.value))
    #expect(try store.open().get([]).isEmpty)
  }

  @Test(arguments: TierKind.available) func `only the first adds, until it is deleted`(kind: TierKind) throws {
    let store = try kind.make()
    #expect(try store.open().add(store.item("lock", [1])) == .added)
    #expect(try store.open().add(store.item("lock", [1])) == .exists)
    try store.open().delete(store.prefix + "lock")
    try store.open().delete(store.prefix + "lock")
    #expect(try store.open().add(store.item("lock", [2])) == .added)
    #expect(try store.open().get([store.prefix + "lock"]) == [[2]])
  }

  @Test(arguments: TierKind.available, [10, 2_000_000])
  func `a value is replaced only while it is what it was when it was read`(kind: TierKind, length: Int) throws {
    let store = try kind.make()
    let (one, two) = (try store.open(), try store.open())
    func item(_ byte: UInt8) -> CacheItem { store.item("replaced", [UInt8](repeating: byte, count: length)) }
    let key = item(0).key
    let missing = try #require(one.read([key])[0].version)
    #expect(missing == .missing)
    #expect(two.replace([ConditionalItem(item(1), replacing: missing)]) == [.stored])
    #expect(one.replace([ConditionalItem(item(2), replacing: missing)]) == [.overtaken])
    let first = try #require(one.read([key])[0].version)
    two.set([item(3)])
    #expect(one.replace([ConditionalItem(item(2), replacing: first)]) == [.overtaken])
    #expect(one.get([key]) == [item(3).value])
    let third = try #require(one.read([key])[0].version)
    #expect(one.replace([ConditionalItem(item(4), replacing: third)]) == [.stored])
    // What was forgotten meanwhile was not overtaken.
    let fourth = try #require(one.read([key])[0].version)
    two.delete(key)
    #expect(one.replace([ConditionalItem(item(5), replacing: fourth)]) == [.stored])
    #expect(two.get([key]) == [item(5).value])
  }

  @Test(arguments: TierKind.available)
  func `no version comes twice, also after a value was forgotten or stored as it was`(kind: TierKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    let item = store.item("versions", [1])
    var versions: [CacheVersion] = []
    for round in 0..<3 {
      tier.set([item])
      let version = try #require(tier.read([item.key])[0].version)
      #expect(version != .missing && !versions.contains(version))
      versions.append(version)
      if round == 1 { tier.delete(item.key) }
    }
    #expect(tier.replace(versions.map { ConditionalItem(item, replacing: $0) }) == [.overtaken, .overtaken, .stored])
  }

  @Test(arguments: TierKind.available)
  func `what has expired is gone, may be added again, and was not overtaken`(kind: TierKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    tier.set([store.item("now", [1], lifetime: 0), store.item("soon", [1], lifetime: 2), store.item("later", [1])])
    let version = try #require(tier.read([store.prefix + "soon"])[0].version)
    #expect(tier.get([store.prefix + "now", store.prefix + "soon"]) == [nil, [1]])
    try store.clock.eventually("it expires") { tier.get([store.prefix + "soon"]) == [nil] }
    #expect(tier.read([store.prefix + "soon"])[0] == VersionedValue(value: nil, version: .missing))
    #expect(tier.replace([ConditionalItem(store.item("soon", [2]), replacing: version)]) == [.stored])
    #expect(tier.add(store.item("soon", [3])) == .exists)
    #expect(tier.add(store.item("now", [3])) == .added)
    #expect(tier.get([store.prefix + "later"]) == [[1]])
  }

  @Test(arguments: TierKind.available)
  func `a counter begins at the first amount, and lives as long as that said`(kind: TierKind) throws {
    let store = try kind.make()
    let (one, two) = (try store.open(), try store.open())
    let key = store.prefix + "count"
    #expect(one.increment(key, by: 3, lifetime: 2) == 3)
    #expect(two.increment(key, by: 39, lifetime: 600) == 42)
    #expect(one.increment(key, by: 0, lifetime: 600) == 42)
    try store.clock.eventually("it expires") { two.get([key]) == [nil] }
    #expect(one.increment(key, by: 1, lifetime: 60) == 1)
    two.delete(key)
    #expect(one.increment(key, by: 5, lifetime: 60) == 5)
  }

  @Test(arguments: TierKind.available)
  func `a counter has 64 bits, and what is no number does not count`(kind: TierKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    #expect(tier.increment(store.prefix + "long", by: .max, lifetime: 60) == .max)
    #expect(tier.increment(store.prefix + "long", by: 2, lifetime: 60) == 1)
    for (index, text) in ["", "seven", "-1", "18446744073709551616", "\u{0}7", "ü"].enumerated() {
      tier.set([store.item("text\(index)", Array(text.utf8))])
      #expect(tier.increment(store.prefix + "text\(index)", by: 1, lifetime: 60) == nil, "\(text)")
      #expect(tier.get([store.prefix + "text\(index)"]) == [Array(text.utf8)])
    }
    tier.set([store.item("number", Array("41".utf8))])
    #expect(tier.increment(store.prefix + "number", by: 1, lifetime: 60) == 42)
  }

  @Test(arguments: TierKind.shared)
  func `of many processes one adds, each counts, and nothing is lost`(kind: TierKind) throws {
    nonisolated(unsafe) let store = try kind.make()
    let counts = try inParallel(8) { _ in
      let tier = try store.open()
      let hasAdded = tier.add(store.item("one", [1])) == .added
      for _ in 0..<50 { _ = tier.increment(store.prefix + "all", by: 1, lifetime: 60) }
      var replaced = 0
      for _ in 0..<20 {
        let found = tier.read([store.prefix + "number"])[0]
        let number = found.value.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) } ?? 0
        guard let version = found.version else { continue }
        let item = store.item("number", Array(String(number + 1).utf8))
        if tier.replace([ConditionalItem(item, replacing: version)]) == [.stored] { replaced += 1 }
      }
      return (hasAdded, replaced)
    }
    let tier = try store.open()
    #expect(counts.filter(\.0).count == 1)
    #expect(tier.increment(store.prefix + "all", by: 0, lifetime: 60) == 400)
    #expect(tier.get([store.prefix + "number"]) == [Array(String(counts.map(\.1).reduce(0, +)).utf8)])
  }

  @Test(arguments: TierKind.shared) func `it is there and whole`(kind: TierKind) throws {
    let tier = try kind.make().open()
    #expect(tier.isWhole() && tier.isAvailable)
  }
}
