import Core
import Foundation
import Testing

@testable import Cache
@testable import Memcached

/// The shared tier on real memcached servers.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct MemcachedTierTests {
  let prefix = "test-\(UInt32.random(in: .min ... .max)):"

  func address(_ stack: Stack = .content) throws -> MemcachedAddress {
    try #require(MemcachedAddress(try stack.value("MEMCACHED_SERVERS")))
  }

  func tier() throws -> MemcachedTier { try #require(MemcachedTier([try address()])) }

  @Test(arguments: [0, 1, 1000, 899_999, 900_000, 900_001, 1_048_576, 3_000_000])
  func `a value of any length comes back as it was`(length: Int) throws {
    let tier = try tier()
    let value = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    tier.set([CacheItem("\(prefix)\(length)", value, lifetime: 60)])
    #expect(try self.tier().get(["\(prefix)\(length)", "\(prefix)nothing"]) == [value, nil])
  }

  @Test func `it is whole while all of its servers answer`() throws {
    #expect(try tier().isWhole())
    let half = try #require(MemcachedTier([try address(), .socket(path: "/nowhere/memcached")]))
    #expect(!half.isWhole() && half.isAvailable)
  }

  @Test func `many values of all lengths are stored at once`() throws {
    let lengths = [0, 1, 65_000, 65_536, 70_000, 899_999, 900_001, 2_000_000] + Array(repeating: 700, count: 400)
    let items = lengths.indices.map { index in
      CacheItem(
        "\(prefix)many-\(index)", [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: lengths[index]),
        lifetime: 60)
    }
    try tier().set(items)
    #expect(try tier().get(items.map(\.key)) == items.map(\.value))
  }

  @Test func `a value in pieces is replaced as a whole, and missing one piece it is none`() throws {
    let tier = try tier()
    let key = "\(prefix)pieces"
    let old = [UInt8](repeating: 1, count: 2_000_000)
    let new = [UInt8](repeating: 2, count: 2_500_000)
    tier.set([CacheItem(key, old, lifetime: 60)])
    tier.set([CacheItem(key, new, lifetime: 60)])
    #expect(tier.get([key]) == [new])
    tier.set([CacheItem(key, [3], lifetime: 60)])
    #expect(tier.get([key]) == [[3]])
    let list = PieceList(count: 2, version: 7)
    tier.set([CacheItem(key, list.encoded, lifetime: 60)])
    tier.set([CacheItem(list.keys(of: key)[0], [1], lifetime: 60)])
    #expect(tier.get([key]) == [nil])
  }

  @Test func `only the first adds, until it is deleted`() throws {
    let key = "\(prefix)lock"
    #expect(try tier().add(CacheItem(key, [1], lifetime: 60)) == .added)
    #expect(try tier().add(CacheItem(key, [1], lifetime: 60)) == .exists)
    try tier().delete(key)
    #expect(try tier().add(CacheItem(key, [1], lifetime: 60)) == .added)
  }

  @Test(arguments: [10, 2_000_000])
  func `a value is replaced only while it is what it was when it was read`(length: Int) throws {
    let (one, two) = (try tier(), try tier())
    let key = "\(prefix)replaced-\(length)"
    func item(_ byte: UInt8) -> CacheItem { CacheItem(key, [UInt8](repeating: byte, count: length), lifetime: 60) }
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

  @Test func `a lease is one holder's until it is given back, and only by that one`() throws {
    let (one, two) = (
      TierCoordination(shared: try tier(), namespace: prefix), TierCoordination(shared: try tier(), namespace: prefix)
    )
    guard case .held(let lease) = one.acquire("work", seconds: 30) else {
      Issue.record("nobody has it")
      return
    }
    guard case .busy = two.acquire("work", seconds: 30) else {
      Issue.record("it is taken")
      return
    }
    #expect(two.isHeld("work") && one.renew(lease, seconds: 30))
    two.release(Lease(name: "work", token: Array("another".utf8)))
    #expect(two.isHeld("work"))
    one.release(lease)
    #expect(!two.isHeld("work") && !one.renew(lease, seconds: 30))
    guard case .held = two.acquire("work", seconds: 30) else {
      Issue.record("it was given back")
      return
    }
  }

  @Test func `an expired value is gone`() throws {
    let tier = try tier()
    tier.set([CacheItem("\(prefix)old", [1], lifetime: 0)])
    #expect(tier.get(["\(prefix)old"]) == [nil])
  }

  @Test func `a server that is not there costs its keys and nothing else, and next to no time`() throws {
    let tier = try #require(MemcachedTier([try address(), .socket(path: "/nowhere/memcached")]))
    let keys = (0..<200).map { "\(prefix)spread-\($0)" }
    for key in keys { tier.set([CacheItem(key, Array(key.utf8), lifetime: 60)]) }
    let start = Deadline.monotonicNanoseconds()
    let values = tier.get(keys)
    #expect(Deadline.monotonicNanoseconds() - start < 500_000_000)
    let found = zip(keys, values).filter { $0.1 == Array($0.0.utf8) }.count
    // Ketama gives each of two servers about half.
    #expect((40...160).contains(found))
    #expect(values.filter { $0 == nil }.count == 200 - found)
    #expect(tier.isAvailable)
  }

  @Test func `without any server that answers it is away, and says so`() throws {
    let tier = try #require(MemcachedTier([.socket(path: "/nowhere/memcached")]))
    #expect(tier.get(["\(prefix)a"]) == [nil])
    #expect(!tier.isAvailable)
    #expect(tier.add(CacheItem("\(prefix)a", [1], lifetime: 60)) == .unavailable)
  }
}
