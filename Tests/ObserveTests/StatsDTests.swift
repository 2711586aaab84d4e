import Core
import CoreMetrics
import Foundation
import Testing

@testable import Observe

/// What a StatsD server gets.
@Suite struct StatsDTests {
  final class Setup {
    let words: Words
    let memory = UnsafeMutableRawPointer.allocate(byteCount: MetricCatalog.words * 8, alignment: 64)
    let buffer = StatsDBuffer()
    let metrics: SharedMetrics
    let receiver: DatagramSocket
    let client: StatsDClient

    init(host: String = "127.0.0.1", port: Int? = nil, prefix: String = "lidarr.metadata") throws {
      memory.initializeMemory(as: UInt64.self, repeating: 0, count: MetricCatalog.words)
      words = Words(memory, count: MetricCatalog.words)
      metrics = SharedMetrics(words, statsD: buffer)
      receiver = try DatagramSocket()
      client = StatsDClient(
        host: host, port: port ?? receiver.port, prefix: prefix, words: words, buffer: buffer,
        hostNames: HostNames(lookUp: { _ in NobodyKnown() }))
    }

    deinit { memory.deallocate() }

    /// All lines of the datagrams that have come.
    func lines() -> [String] {
      var lines: [String] = []
      while let datagram = receiver.next() {
        #expect(datagram.utf8.count <= 1_432 && !datagram.hasSuffix("\n"))
        lines += datagram.split(separator: "\n").map(String.init)
      }
      return lines
    }

    func count(_ name: String, _ dimensions: [(String, String)] = [], by amount: Int64 = 1) {
      metrics.makeCounter(label: name, dimensions: dimensions).increment(by: amount)
    }

    func time(_ name: String, _ dimensions: [(String, String)], milliseconds: Double) {
      metrics.makeTimer(label: name, dimensions: dimensions).recordNanoseconds(Int64(milliseconds * 1_000_000))
    }

    var dropped: UInt64 { words[MetricCatalog.place("linernotes_statsd_dropped_total", [])?.start ?? 0] }
  }

  /// A resolver that knows nobody.
  final class NobodyKnown: HostLookup {
    func addresses(by deadline: Deadline) -> [String]? { [] }
  }

  @Test func `the names are those that boards of the original ask for`() throws {
    let setup = try Setup()
    let request = "linernotes_http_request_duration_seconds"
    setup.time(request, [("route", "artist"), ("status", "2xx")], milliseconds: 12.4)
    setup.time(request, [("route", "artist"), ("status", "5xx")], milliseconds: 0.0005)
    setup.time(request, [("route", "search"), ("status", "2xx")], milliseconds: 2_000)
    setup.count("linernotes_documents_total", [("result", "hit")], by: 3)
    setup.count("linernotes_documents_total", [("result", "miss")])
    setup.count("linernotes_cache_lookups_total", [("tier", "memcached"), ("result", "hit")], by: 2)
    setup.count("linernotes_cache_lookups_total", [("tier", "sqlite"), ("result", "miss")], by: 2)
    setup.count("linernotes_provider_requests_total", [("provider", "fanart")], by: 4)
    setup.count("linernotes_provider_errors_total", [("provider", "fanart")])
    setup.count("linernotes_provider_timeouts_total", [("provider", "wikipedia")])
    setup.time("linernotes_provider_response_duration_seconds", [("provider", "fanart")], milliseconds: 80)
    setup.client.setGauge("cache.size.redis", 42)
    setup.client.flush()
    let expected = [
      "requests.artist:1|c", "requests.artist:1|c", "requests.search:1|c", "response_time.artist:12.400|ms",
      "response_time.artist:0.000|ms", "response_time.search:2000.000|ms", "cache.hit:3|c", "cache.miss:1|c",
      "cache.hit.memcached:2|c", "cache.hit.redis:2|c", "cache.miss.sqlite:2|c", "provider.fanart.request:4|c",
      "provider.fanart.error:1|c", "provider.wikipedia.timeout:1|c", "provider.fanart.response_time:80.000|ms",
      "cache.size.redis:42|g",
    ]
    #expect(setup.lines().sorted() == expected.map { "lidarr.metadata.\($0)" }.sorted())
    #expect(!setup.client.hasPending)
    setup.count("linernotes_documents_total", [("result", "hit")])
    setup.client.flush()
    #expect(setup.lines() == ["lidarr.metadata.cache.hit:1|c"])
  }

  @Test func `many are divided into datagrams that fit, and none is lost`() throws {
    let setup = try Setup(prefix: String(repeating: "p", count: 200))
    for _ in 0..<400 {
      setup.time(
        "linernotes_http_request_duration_seconds", [("route", "artist"), ("status", "2xx")], milliseconds: 1)
    }
    setup.client.flush()
    let lines = setup.lines()
    #expect(lines.count == 401 && lines.allSatisfy { $0.hasPrefix("ppp") })
    #expect(setup.dropped == 0)
  }

  @Test func `what there is no room for is counted as dropped`() throws {
    let setup = try Setup()
    for _ in 0..<600 {
      setup.time(
        "linernotes_http_request_duration_seconds", [("route", "artist"), ("status", "2xx")], milliseconds: 1)
    }
    #expect(setup.client.isDue(at: Deadline.monotonicNanoseconds()))
    setup.client.flush()
    let lines = setup.lines()
    #expect(lines.filter { $0.hasSuffix("|ms") }.count == 512 && setup.dropped == 88)
    #expect(lines.contains("lidarr.metadata.requests.artist:600|c"), "counters are exact")
  }

  @Test func `that nobody listens is no error, and who listens later gets it`() throws {
    let nobody = try DatagramSocket().port
    let setup = try Setup(port: nobody)
    for _ in 0..<5 {
      setup.count("linernotes_documents_total", [("result", "hit")])
      setup.client.flush()
    }
    #expect(setup.dropped == 0)
  }

  @Test func `a host that nobody knows costs no time, and what it was not told of comes later`() throws {
    let setup = try Setup(host: "nosuch.invalid")
    setup.count("linernotes_documents_total", [("result", "hit")], by: 7)
    let start = Deadline.monotonicNanoseconds()
    for _ in 0..<20 { setup.client.flush() }
    #expect(Deadline.monotonicNanoseconds() - start < 1_000_000_000)
    #expect(setup.dropped > 0 && setup.lines().isEmpty)
  }

  @Test(arguments: [("a b", "a_b."), ("a:b|c@d", "a_b_c_d."), ("", ""), ("a.b-c_d", "a.b-c_d."), ("ä\n", "___.")])
  func `a prefix cannot break the line`(prefix: String, expected: String) throws {
    let setup = try Setup(prefix: prefix)
    setup.count("linernotes_documents_total", [("result", "hit")])
    setup.client.flush()
    #expect(setup.lines() == ["\(expected)cache.hit:1|c"])
  }
}
