import Core
import Foundation
import Testing

@testable import Cache
@testable import Memcached

/// What only memcached's tier does, on real servers; what all tiers do is in `Tests/StoreTests`.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct MemcachedTierTests {
  let prefix = "test-\(UInt32.random(in: .min ... .max)):"

  func address(_ stack: Stack = .content) throws -> MemcachedAddress {
    try #require(MemcachedAddress(try stack.value("MEMCACHED_SERVERS")))
  }

  func tier() throws -> MemcachedTier { try #require(MemcachedTier([try address()], patience: .unhurried)) }

  @Test func `it is whole while all of its servers answer`() throws {
    #expect(try tier().isWhole())
    let half = try #require(MemcachedTier([try address(), .socket(path: "/nowhere/memcached")]))
    #expect(!half.isWhole() && half.isAvailable)
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
