import Core
import Foundation
import Testing

/// A Prometheus of a test's own, which scrapes one site every second.
final class Prometheus {
  private let directory =
    FileManager.default.temporaryDirectory.appending(path: "prometheus-\(UUID().uuidString.prefix(8))").path
  private let process = Process()
  private let site: Site

  static let board =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "deploy/grafana/linernotes.json")

  /// A developer may be without it, CI may not.
  static let isMissingAndMayBe =
    !FileManager.default.fileExists(atPath: "/usr/bin/prometheus")
    && ProcessInfo.processInfo.environment["CI"] != "true"

  init(scraping target: Site) throws {
    let port = try TestNginx.freePort()
    site = Site(url: "http://127.0.0.1:\(port)")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let configuration = """
      global: {scrape_interval: 1s}
      scrape_configs:
      - job_name: linernotes
        static_configs: [{targets: ["\(target.url.dropFirst("http://".count))"]}]
      """
    try configuration.write(toFile: "\(directory)/prometheus.yml", atomically: true, encoding: .utf8)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/prometheus")
    process.arguments = [
      "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)/data",
      "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
    ]
    process.standardInput = FileHandle(forReadingAtPath: "/dev/null")
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try process.run()
    try eventually("prometheus does not scrape", seconds: 60) { try hasAnswer(to: "up == 1") }
  }

  deinit {
    if process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Whether a query, with Grafana's variables put in, has at least one value that is a number.
  func hasAnswer(to query: String) throws -> Bool {
    let text = query.replacing("$__rate_interval", with: "10s").replacing("$job", with: ".*")
    let result = try Command.run(
      "/usr/bin/curl", ["-s", "-m", "10", "-G", "--data-urlencode", "query=\(text)", "\(site.url)/api/v1/query"])
    guard result.status == 0 else { return false }
    let answer = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
    try #require(
      answer?["status"] as? String == "success", "\(text): \(String(decoding: result.output, as: UTF8.self))")
    let values = (answer?["data"] as? [String: Any])?["result"] as? [[String: Any]] ?? []
    return values.contains { (($0["value"] as? [Any])?.last as? String) != "NaN" }
  }
}

/// A UDP socket on the loopback interface.
final class UDPReceiver {
  private let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
  let port: Int

  init() throws {
    var address = LoopbackConnection.address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) + getsockname(descriptor, $0, &length)
      }
    }
    try #require(result == 0)
    port = Int(UInt16(bigEndian: address.sin_port))
    SocketTimeout.set(on: descriptor, milliseconds: 200)
  }

  deinit { close(descriptor) }

  /// The next datagram; nil when none has come for a moment.
  func next() -> String? {
    var bytes = [UInt8](repeating: 0, count: 70_000)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
