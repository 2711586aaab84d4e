import CoreMetrics
import Foundation
import Testing

@testable import Observe

/// The table of metrics, and the form in which Prometheus gets them.
@Suite struct MetricsTests {
  @Test func `every metric has a name of its own that Prometheus' linter takes`() {
    let names = MetricCatalog.families.map(\.name)
    #expect(Set(names).count == names.count)
    for family in MetricCatalog.families {
      #expect(family.name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (0x61...0x7a).contains($0) }, "\(family.name)")
      #expect((family.kind == .counter) == family.name.hasSuffix("_total"), "\(family.name)")
      #expect(family.help.hasSuffix("."))
      for series in family.series { #expect(series.labels.count == family.labels.count) }
    }
  }

  @Test func `each series has words of its own`() throws {
    var taken = [Bool](repeating: false, count: MetricCatalog.words)
    MetricCatalog.forEachSeries { family, series, start in
      for index in start..<(start + family.wordsPerSeries) {
        #expect(!taken[index], "\(family.name) \(series.labels)")
        taken[index] = true
      }
    }
    #expect(taken.allSatisfy { $0 })
  }

  static func metrics() throws -> (Scoreboard, Int, SharedMetrics) {
    let board = try ScoreboardTests.board()
    let slot = try #require(board.takeSlot())
    board.assign(slot, to: getpid())
    return (board, slot, SharedMetrics(board.metrics(slot), statsD: nil))
  }

  @Test func `a time is counted in its bucket and in all that are wider`() throws {
    let (board, _, metrics) = try Self.metrics()
    let timer = metrics.makeTimer(
      label: "linernotes_http_request_duration_seconds", dimensions: [("route", "album"), ("status", "2xx")])
    for milliseconds in [0, 1, 3, 40, 1_000, 100_000] { timer.recordNanoseconds(Int64(milliseconds) * 1_000_000) }
    timer.recordNanoseconds(-5)
    let text = PoolMetrics(board, version: "1.2.3") { .init() }.text()
    for line in [
      #"linernotes_http_request_duration_seconds_bucket{route="album",status="2xx",le="0.00025"} 2"#,
      #"linernotes_http_request_duration_seconds_bucket{route="album",status="2xx",le="0.001"} 3"#,
      #"linernotes_http_request_duration_seconds_bucket{route="album",status="2xx",le="1"} 6"#,
      #"linernotes_http_request_duration_seconds_bucket{route="album",status="2xx",le="90"} 6"#,
      #"linernotes_http_request_duration_seconds_bucket{route="album",status="2xx",le="+Inf"} 7"#,
      #"linernotes_http_request_duration_seconds_sum{route="album",status="2xx"} 101.044"#,
      #"linernotes_http_request_duration_seconds_count{route="album",status="2xx"} 7"#,
      #"linernotes_http_requests_total{route="album",status="2xx"} 7"#,
      #"linernotes_http_requests_total{route="artist",status="2xx"} 0"#,
      #"linernotes_build_info{version="1.2.3"} 1"#,
    ] {
      #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
    }
  }

  @Test func `people are told the sums of all workers in a few numbers`() throws {
    let (board, _, metrics) = try Self.metrics()
    let other = try #require(board.takeSlot())
    board.assign(other, to: getpid())
    for (metrics, status) in [(metrics, "2xx"), (SharedMetrics(board.metrics(other), statsD: nil), "5xx")] {
      metrics.makeTimer(
        label: "linernotes_http_request_duration_seconds", dimensions: [("route", "artist"), ("status", status)]
      ).recordNanoseconds(3_000_000)
      metrics.makeCounter(
        label: "linernotes_cache_lookups_total", dimensions: [("tier", "memcached"), ("result", "hit")]
      ).increment(by: 4)
      metrics.makeCounter(label: "linernotes_documents_total", dimensions: [("result", "miss")]).increment(by: 1)
    }
    let summary = board.summary(of: [.artist, .album])
    #expect(summary.requests == 2 && summary.failures == 1 && summary.missing == 2)
    #expect(summary.found.filter { $0.count > 0 }.map(\.tier) == ["memcached"])
    #expect(summary.found.reduce(0) { $0 + $1.count } == 8)
    let buckets = summary.latencies[0].buckets.filter { $0.count > 0 }
    #expect(buckets.count == 1 && buckets[0].upTo == 5_000_000 && buckets[0].count == 2)
    #expect(summary.latencies[1].buckets.allSatisfy { $0.count == 0 } && summary.latencies[1].buckets.last?.upTo == nil)
  }

  @Test func `what is not in the table is not counted, and harms nobody`() throws {
    let (board, _, metrics) = try Self.metrics()
    metrics.makeCounter(label: "nosuch", dimensions: []).increment(by: 1)
    metrics.makeCounter(label: "linernotes_documents_total", dimensions: [("result", "what")]).increment(by: 1)
    metrics.makeTimer(label: "linernotes_documents_total", dimensions: [("result", "hit")]).recordNanoseconds(1)
    metrics.makeRecorder(label: "nosuch", dimensions: [], aggregate: true).record(1.0)
    let counter = metrics.makeCounter(label: "linernotes_documents_total", dimensions: [("result", "hit")])
    counter.increment(by: -5)
    counter.reset()
    #expect(board.sums().allSatisfy { $0 == 0 })
  }

  @Test func `every series is told with its help and its type, which come first and once`() throws {
    let (board, _, _) = try Self.metrics()
    let text = PoolMetrics(board, version: "a\"b\\c\nd") {
      var sizes = PoolMetrics.Sizes()
      sizes.tiers = [.init(name: "memcached", items: 3, bytes: 4_000)]
      sizes.waiting = 2
      sizes.secondsLeft = 9
      return sizes
    }.text()
    #expect(text.hasSuffix("\n") && !text.contains("\r") && !text.contains("\n\n"))
    #expect(text.contains(#"linernotes_build_info{version="a\"b\\c\nd"} 1"#))
    #expect(text.contains("linernotes_cache_items{tier=\"memcached\"} 3\n"))
    #expect(text.contains("linernotes_queue_waiting 2\n"))
    var declared: Set<String> = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("# TYPE ") { #expect(declared.insert(String(words[2])).inserted, "\(line)") }
      guard !line.hasPrefix("#") else { continue }
      var name = String(line.prefix { $0 != "{" && $0 != " " })
      for suffix in ["_bucket", "_sum", "_count"] where !declared.contains(name) && name.hasSuffix(suffix) {
        name.removeLast(suffix.count)
      }
      #expect(declared.contains(name), "\(line)")
      #expect(Double(words.last ?? "") != nil, "\(line)")
    }
    #expect(declared == Set(MetricCatalog.families.map(\.name)))
  }

  @Test func `the processor time that was told never falls`() throws {
    let board = try ScoreboardTests.board()
    #expect(board.tellCPU(1_000) == 1_000)
    #expect(board.tellCPU(900) == 1_000)
    #expect(board.tellCPU(1_100) == 1_100)
  }

  @Test func `a process is looked up in proc`() throws {
    let own = try #require(ProcessFigures(pid: getpid()))
    #expect(own.residentMemory > 1 << 20 && own.privateMemory > 1 << 16 && own.descriptors > 2)
    #expect(own.proportionalMemory <= own.residentMemory + (1 << 20) && own.virtualMemory >= own.residentMemory)
    #expect(ProcessFigures(pid: -1) == nil && ProcessFigures.quickPrivateMemory(-1) == nil)
    #expect(try #require(ProcessFigures.quickPrivateMemory(getpid())) > 1 << 16)
  }

  /// `docs/METRICS.md` says what there is.
  @Test func `the documentation lists every metric`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/METRICS.md")
    let expected = MetricsReference.markdown
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try expected.write(to: file, atomically: true, encoding: .utf8)
    }
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text == expected, "REGENERATE=1 swift test --filter MetricsTests writes it anew")
  }
}
