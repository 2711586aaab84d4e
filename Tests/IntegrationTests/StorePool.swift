import Foundation
import Testing

/// A pool of a test's own, with nginx in front, which keeps nothing itself.
final class StorePool {
  let socket: String
  private let process = Process()
  private var nginx: TestNginx?
  private let log: String

  var site: Site { get throws { try #require(nginx).site } }

  /// - Parameter environment: all that it gets.
  init(_ user: LonelyUser, _ environment: [String: String], _ arguments: [String] = [], workers: Int = 3) throws {
    socket = "\(user.directory)/pool"
    log = "\(user.directory)/log"
    let words =
      user.command(environment, network: true) + [try user.stack.value("POOL_BINARY"), "serve", "--socket", socket]
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words + ["--workers", "\(workers)"] + arguments
    process.standardInput = FileHandle(forReadingAtPath: "/dev/null")
    try Data().write(to: URL(fileURLWithPath: log))
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    for _ in 0..<500 where !FileManager.default.fileExists(atPath: socket) && process.isRunning { usleep(20_000) }
    try #require(process.isRunning, "\(text)")
    nginx = try TestNginx(pool: socket, ["NGINX_CACHE_SECONDS=0"])
  }

  deinit {
    nginx = nil
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  /// What it has logged.
  var text: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

  /// As `systemctl reload` does.
  func reload() { kill(process.processIdentifier, SIGHUP) }

  /// Asks while `work` goes on, eight at a time.
  ///
  /// - Returns: the statuses.
  func load(_ paths: [String], while work: () throws -> Void) throws -> [String] {
    let curl = Process()
    let output = try Temporary()
    let url = try site.url
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    curl.arguments =
      ["-s", "-m", "60", "--no-progress-meter", "-w", "%{http_code}\n", "--parallel", "--parallel-max", "8"]
      + paths.flatMap { ["-o", "/dev/null", url + $0] }
    curl.standardOutput = try FileHandle(forWritingTo: output.url)
    curl.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try curl.run()
    try work()
    curl.waitUntilExit()
    return try String(contentsOf: output.url, encoding: .utf8).split(separator: "\n").map(String.init)
  }
}
