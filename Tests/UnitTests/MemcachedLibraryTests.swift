import Cache
import Core
import Testing

@testable import Memcached

/// What a tier of several servers does where libmemcached is not installed. No server is asked in these tests.
@Suite struct MemcachedLibraryTests {
  static let addresses: [MemcachedAddress] = [.socket(path: "/nonexistent/1"), .socket(path: "/nonexistent/2")]

  @Test func `without the library several servers are as good as away`() throws {
    let failure = LibraryFailure(MemcachedLibrary.name, "not installed")
    var now: UInt64 = 0
    var tries = 0
    let tier = try #require(
      MemcachedTier(Self.addresses, now: { now }) { () throws(LibraryFailure) in
        tries += 1
        throw failure
      })
    #expect(tier.isAvailable && tries == 0)
    #expect(tier.get(["a", "b"]) == [nil, nil])
    #expect(!tier.isAvailable)
    #expect(tier.read(["a"]).map(\.value) == [nil])
    tier.set([CacheItem("a", [1], lifetime: 10)])
    #expect(tier.replace([ConditionalItem(CacheItem("a", [1], lifetime: 10), replacing: .missing)]) == [.unavailable])
    #expect(tier.add(CacheItem("a", [1], lifetime: 10)) == .unavailable)
    #expect(tier.increment("a", by: 1, lifetime: 10) == nil)
    tier.delete("a")
    #expect(!tier.isWhole())
    #expect(tier.libraryFailure == failure)
    #expect(failure.description.contains("libmemcached11"))
    #expect(tries == 1)
    now += 30_000_000_000
    #expect(tier.isAvailable)
    #expect(!tier.isWhole())
    #expect(tries == 2)
  }

  @Test func `one server needs no library`() throws {
    let tier = try #require(
      MemcachedTier([Self.addresses[0]]) { () throws(LibraryFailure) in
        Issue.record("libmemcached was opened")
        throw LibraryFailure(MemcachedLibrary.name, "not installed")
      })
    #expect(tier.get(["a"]) == [nil])
    #expect(tier.libraryFailure == nil)
  }
}
