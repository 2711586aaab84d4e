import Core
import Foundation
import Testing

@testable import Cache
@testable import Memcached

/// The shared tier on real memcached servers.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct MemcachedTierTests {
  let prefix = "test-\(UInt32.random(in: .min ... .max)):"
  let later = UnixTime.now + 60

  func address(_ stack: Stack = .content) throws -> MemcachedAddress {
    try #require(MemcachedAddress(try stack.value("MEMCACHED_SERVERS")))
  }

  func tier() throws -> MemcachedTier { try #require(MemcachedTier([try address()])) }

  @Test(arguments: [0, 1, 1000, 899_999, 900_000, 900_001, 1_048_576, 3_000_000])
  func `a value of any length comes back as it was`(length: Int) throws {
    let tier = try tier()
    let value = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    tier.set("\(prefix)\(length)", value, expires: later)
    #expect(try self.tier().get(["\(prefix)\(length)", "\(prefix)nothing"]) == [value, nil])
  }

  @Test func `many values of all lengths are stored at once`() throws {
    let lengths = [0, 1, 65_000, 65_536, 70_000, 899_999, 900_001, 2_000_000] + Array(repeating: 700, count: 400)
    let items = lengths.indices.map { index in
      CacheItem(
        key: "\(prefix)many-\(index)",
        value: [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: lengths[index]),
        expires: later)
    }
    try tier().set(items)
    #expect(try tier().get(items.map(\.key)) == items.map(\.value))
  }

  @Test func `a value in pieces is replaced as a whole, and missing one piece it is none`() throws {
    let tier = try tier()
    let key = "\(prefix)pieces"
    let old = [UInt8](repeating: 1, count: 2_000_000)
    let new = [UInt8](repeating: 2, count: 2_500_000)
    tier.set(key, old, expires: later)
    tier.set(key, new, expires: later)
    #expect(tier.get([key]) == [new])
    tier.set(key, [3], expires: later)
    #expect(tier.get([key]) == [[3]])
    let list = PieceList(count: 2, version: 7)
    tier.set(key, list.encoded, expires: later)
    tier.set(list.keys(of: key)[0], [1], expires: later)
    #expect(tier.get([key]) == [nil])
  }

  @Test func `only the first adds, until it is deleted`() throws {
    let key = "\(prefix)lock"
    #expect(try tier().add(key, [1], expires: later) == .added)
    #expect(try tier().add(key, [1], expires: later) == .exists)
    try tier().delete(key)
    #expect(try tier().add(key, [1], expires: later) == .added)
  }

  @Test func `an expired value is gone`() throws {
    let tier = try tier()
    tier.set("\(prefix)old", [1], expires: .now + -10)
    #expect(tier.get(["\(prefix)old"]) == [nil])
  }

  @Test func `a server that is not there costs its keys and nothing else, and next to no time`() throws {
    let tier = try #require(MemcachedTier([try address(), .socket(path: "/nowhere/memcached")]))
    let keys = (0..<200).map { "\(prefix)spread-\($0)" }
    for key in keys { tier.set(key, Array(key.utf8), expires: later) }
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
    #expect(tier.add("\(prefix)a", [1], expires: later) == .unavailable)
  }
}
