import Core
import Foundation
import TestServers
import Testing

/// What a pool counts, and who may know.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct MetricsPoolTests {
  static let requests = #"linernotes_http_requests_total{route="artist",status="2xx"}"#

  @Test func `whoever answers tells what all have counted, and no sum falls when workers die`() throws {
    let pool = try ObservedPool(workers: 3)
    for _ in 0..<30 { #expect(try pool.site.get(HTTPTests.artist).status == 200) }
    for _ in 0..<5 { #expect(try pool.metrics()[Self.requests] == 30) }
    let hits = try pool.metrics()["linernotes_documents_total{result=\"hit\"}"] ?? 0
    #expect(hits >= 29)
    var last = try pool.metrics()
    for pid in try pool.pids() {
      kill(pid, SIGKILL)
      for _ in 0..<10 {
        let now = try pool.metrics()
        for (name, value) in last where name.contains("_total") || name.contains("_count") {
          #expect(now[name] ?? -1 >= value, "\(name)")
        }
        last = now
        usleep(20_000)
      }
    }
    try eventually { try pool.workers().count == 3 }
    let now = try pool.metrics()
    #expect(now[Self.requests] == 30)
    #expect(now[#"linernotes_worker_losses_total{cause="signal"}"#] == 3)
    #expect(now["linernotes_http_request_duration_seconds_count{route=\"artist\",status=\"2xx\"}"] == 30)
    #expect(now["process_cpu_seconds_total"] ?? 0 > 0 && now["process_open_fds"] ?? 0 > 10)
    #expect(now["process_resident_memory_bytes"] ?? 0 > 1_000_000)
  }

  @Test func `only whom nginx trusts and who has the key may read them`() throws {
    let pool = try ObservedPool(["METRICS_KEY": "open sesame".replacing(" ", with: "-")])
    func status(_ site: Site, _ headers: String...) throws -> Int {
      let answer = try site.get("/metrics", headers: headers)
      if answer.status != 200 { #expect(try answer.object()["error"] != nil) }
      return answer.status
    }
    let trusting = try pool.site
    let stranger = try TestNginx(pool: pool.socket, ["NGINX_INTERNAL=192.0.2.0/24"])
    #expect(try status(trusting) == 200)
    #expect(try status(stranger.site) == 403)
    // A proxy on this machine speaks for somebody else.
    for header in ["X-Forwarded-For: 198.51.100.7", "Forwarded: for=198.51.100.7", "Via: 1.1 proxy"] {
      #expect(try status(trusting, header) == 403, "\(header)")
    }
    // What a client sends is no parameter of nginx'.
    for header in ["LINERNOTES_INTERNAL: 1", "LINERNOTES-INTERNAL: 1", "X-Real-IP: 127.0.0.1"] {
      #expect(try status(stranger.site, header) == 403, "\(header)")
    }
    #expect(try status(stranger.site, "X-Api-Key: open-sesame") == 200)
    #expect(try status(stranger.site, "Authorization: Bearer open-sesame") == 200)
    for wrong in ["X-Api-Key: open-sesam", "X-Api-Key: open-sesamee", "X-Api-Key;", "Authorization: Bearer "] {
      #expect(try status(stranger.site, wrong) == 403, "\(wrong)")
    }
    #expect(try trusting.get("/metrics/").status == 200 && trusting.get("/api/v0.4/metrics").status == 200)
    #expect(try trusting.get("/metrics", method: "POST").status == 405)
  }

  @Test func `without a key nobody has it`() throws {
    let pool = try ObservedPool(nginxSettings: ["NGINX_INTERNAL="])
    for headers in [[], ["X-Api-Key;"], ["Authorization: Bearer "]] {
      #expect(try pool.site.get("/metrics", headers: headers).status == 403)
    }
  }

  @Test func `nginx keeps none of it`() throws {
    let pool = try ObservedPool(nginxSettings: ["NGINX_CACHE_SECONDS=60"])
    let first = try pool.site.get("/metrics")
    #expect(first.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    #expect(first.headers["cache-control"] == "no-cache")
    #expect(try pool.site.get(HTTPTests.artist).status == 200)
    #expect(try pool.metrics()[Self.requests] == 1)
    pool.stop()
    #expect(try pool.site.get("/metrics").status == 502)
  }

  @Test func `a CGI script has nothing to sum and says so`() throws {
    let pool = try ObservedPool(nginxSettings: nil)
    func cgi(_ environment: [String: String]) throws -> String {
      let result = try pool.linernotes(
        environment: [
          "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/x", "PATH_INFO": "/metrics",
          "REQUEST_URI": "/x/metrics", "QUERY_STRING": "", "METRICS_KEY": "key", "REMOTE_ADDR": "203.0.113.9",
        ].merging(environment) { $1 })
      return String(decoding: result.output, as: UTF8.self)
    }
    #expect(try cgi([:]).hasPrefix("Status: 403 "))
    let answer = try cgi(["HTTP_X_API_KEY": "key"])
    #expect(answer.hasPrefix("Status: 404 ") && answer.contains("there is none"), "\(answer)")
  }

  @Test func `StatsD gets the names that boards of the original ask for`() throws {
    let receiver = try UDPReceiver()
    let pool = try ObservedPool(["STATSD_HOST": "localhost", "STATSD_PORT": "\(receiver.port)"])
    for _ in 0..<20 { #expect(try pool.site.get(HTTPTests.artist).status == 200) }
    _ = try pool.site.get("\(ScoreboardPoolTests.unknown)5")
    var sums: [String: Int] = [:]
    var times = 0
    try eventually("\(sums)") {
      while let datagram = receiver.next() {
        #expect(datagram.utf8.count <= 1_432)
        for line in datagram.split(separator: "\n") {
          let parts = line.split(whereSeparator: { $0 == ":" || $0 == "|" })
          #expect(parts.count == 3 && parts[0].hasPrefix("lidarr.metadata."), "\(line)")
          if parts[2] == "c" { sums[String(parts[0].dropFirst(16)), default: 0] += Int(parts[1]) ?? 0 }
          if line.hasPrefix("lidarr.metadata.response_time.artist:"), parts[2] == "ms" { times += 1 }
        }
      }
      return sums["requests.artist"] == 21 && times == 21 && sums["provider.musicbrainz.error"] ?? 0 > 0
    }
    #expect(sums["cache.hit"] ?? 0 >= 19 && sums["cache.miss"] ?? 0 > 0 && sums["cache.hit.sqlite"] ?? 0 > 0)
  }

  // MARK: - Prometheus

  @Test(.disabled(if: Prometheus.isMissingAndMayBe)) func `promtool finds nothing to complain of`() throws {
    let pool = try ObservedPool()
    for path in [HTTPTests.artist, "/health", "/nosuch", "\(ScoreboardPoolTests.unknown)6"] {
      _ = try pool.site.get(path)
    }
    let result = try Command.run(
      "/usr/bin/env", ["promtool", "check", "metrics"], environment: ["PATH": "/usr/bin:/bin"],
      input: try pool.site.get("/metrics").body)
    #expect(result.status == 0, "\(String(decoding: result.output, as: UTF8.self))\(result.error)")
    #expect(result.output.isEmpty && result.error.isEmpty, "\(result.error)")
  }

  @Test(.disabled(if: Prometheus.isMissingAndMayBe))
  func `every query of the Grafana board has an answer from what Prometheus has scraped`() throws {
    // A MusicBrainz that knows nobody.
    let source = ReplayServer { _ in
      .answer(status: 404, headers: ["Content-Type: application/json"], body: Array(#"{"error":"Not Found"}"#.utf8))
    }
    defer { source.stop() }
    let pool = try ObservedPool(["MUSICBRAINZ__BASE_URL": source.url, "MUSICBRAINZ__INTERVAL": "0"])
    let prometheus = try Prometheus(scraping: try pool.site)
    let board = try JSONSerialization.jsonObject(with: try Data(contentsOf: Prometheus.board)) as? [String: Any]
    let panels = try #require(board?["panels"] as? [[String: Any]])
    #expect(board?["schemaVersion"] as? Int == 39)
    let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }
    #expect(queries.count > 25)
    for panel in panels where panel["type"] as? String != "row" {
      #expect((panel["datasource"] as? [String: String])?["uid"] == "${datasource}")
    }
    let variables = ((board?["templating"] as? [String: Any])?["list"] as? [[String: Any]]) ?? []
    #expect(variables.first?["type"] as? String == "datasource" && variables.first?["name"] as? String == "datasource")
    // Something to count, in each of several scrapes.
    var left = Set(queries)
    var number = 0
    try eventually("no answer to \(left)", seconds: 60) {
      number += 1
      _ = try pool.site.get(HTTPTests.artist)
      _ = try pool.site.get("/artist/00000000-0000-4000-9000-\(String(format: "%012d", number))")
      _ = try pool.site.get("/nosuch")
      usleep(500_000)
      left = try left.filter { try !prometheus.hasAnswer(to: $0) }
      return left.isEmpty
    }
    // Nothing in the board is of a metric that there is not.
    let names = Set(try pool.metrics().keys.map { $0.prefix { $0 != "{" } })
    for query in queries {
      for word in query.split(whereSeparator: { !($0.isLetter || $0 == "_") })
      where word.hasPrefix("linernotes_") || word.hasPrefix("process_") {
        #expect(names.contains(word) || word == "linernotes_queue_seconds_left", "\(word)")
      }
    }
  }
}
