import Core
import Testing

@Suite struct HostNamesTests {
  /// A resolver that answers when it is told to.
  final class Resolver {
    final class Lookup: HostLookup {
      let resolver: Resolver
      init(_ resolver: Resolver) { self.resolver = resolver }

      /// A resolver that hangs takes all the time there is.
      func addresses(by deadline: Deadline) -> [String]? {
        resolver.patience.append(deadline.millisecondsLeft)
        return resolver.answer
      }
    }

    var answer: [String]?
    var now: UInt64 = 1_000_000_000
    private(set) var lookups = 0
    fileprivate(set) var patience: [Int] = []

    func start() -> any HostLookup {
      lookups += 1
      return Lookup(self)
    }
  }

  let resolver = Resolver()
  let names: HostNames

  init() {
    names = HostNames(now: { [resolver] in resolver.now }, lookUp: { [resolver] _ in resolver.start() })
  }

  private var soon: Deadline { .after(milliseconds: 5_000) }

  @Test(arguments: ["", "/run/postgresql", "@abstract", "127.0.0.1", "::1", "fe80::1%eth0"])
  func `addresses and sockets are not looked up`(_ host: String) throws {
    #expect(try names.addresses(of: host, by: soon) == [])
    #expect(resolver.lookups == 0)
  }

  @Test func `a name is looked up once in half a minute`() throws {
    resolver.answer = ["192.0.2.1", "2001:db8::1"]
    for _ in 0..<3 { #expect(try names.addresses(of: "db", by: soon) == ["192.0.2.1", "2001:db8::1"]) }
    #expect(resolver.lookups == 1)
    resolver.now += 30_000_000_000
    resolver.answer = ["192.0.2.2"]
    #expect(try names.addresses(of: "db", by: soon) == ["192.0.2.2"])
    #expect(resolver.lookups == 2)
  }

  @Test func `a name whose addresses do not answer is looked up again at once`() throws {
    resolver.answer = ["192.0.2.1"]
    _ = try names.addresses(of: "db", by: soon)
    names.doubt("db")
    resolver.answer = ["192.0.2.2"]
    #expect(try names.addresses(of: "db", by: soon) == ["192.0.2.2"])
  }

  @Test func `while the resolver hangs or fails the old addresses serve, after a moment`() throws {
    resolver.answer = ["192.0.2.1"]
    _ = try names.addresses(of: "db", by: soon)
    resolver.now += 60_000_000_000
    resolver.answer = nil
    for _ in 0..<3 { #expect(try names.addresses(of: "db", by: soon) == ["192.0.2.1"]) }
    #expect(resolver.lookups == 2, "one look-up that hangs is enough")
    #expect(resolver.patience.dropFirst().allSatisfy { $0 <= 100 })
    resolver.answer = []
    #expect(try names.addresses(of: "db", by: soon) == ["192.0.2.1"])
    resolver.answer = ["192.0.2.2"]
    #expect(try names.addresses(of: "db", by: soon) == ["192.0.2.2"])
  }

  @Test func `a resolver that hangs is out of time, and one that knows no such host says so`() {
    #expect(throws: HostNames.Failure.timedOut) { try names.addresses(of: "db", by: soon) }
    #expect(resolver.patience.allSatisfy { $0 > 100 && $0 <= 5_000 })
    resolver.answer = []
    #expect(throws: HostNames.Failure.noSuchHost) { try names.addresses(of: "db", by: soon) }
    #expect(resolver.lookups == 1)
  }

  @Test func `the system's resolver knows this machine`() throws {
    let found = try HostNames().addresses(of: "localhost", by: soon)
    #expect(found.contains("127.0.0.1") || found.contains("::1"))
  }
}
