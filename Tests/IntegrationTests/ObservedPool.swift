import Core
import Foundation
import Testing

/// A pool of a test's own with nothing but the sample's dataset file, whose processes are watched, stopped and killed.
final class ObservedPool {
  let directory = FileManager.default.temporaryDirectory.appending(path: "pool-\(UUID().uuidString.prefix(8))").path
  let socket: String
  private let process = Process()
  private let binary: String
  private var nginx: TestNginx?

  /// - Parameters:
  ///   - environment: beside what every such pool has.
  ///   - nginxSettings: nil for no nginx in front.
  init(_ environment: [String: String] = [:], workers: Int = 2, nginxSettings: [String]? = []) throws {
    binary = try Stack.content.value("POOL_BINARY")
    socket = "\(directory)/pool"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["serve", "--socket", socket, "--socket-mode", "666", "--workers", "\(workers)"]
    process.environment = self.environment.merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: "/dev/null")
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
    try Data().write(to: URL(fileURLWithPath: "\(directory)/stderr"))
    process.standardError = FileHandle(forWritingAtPath: "\(directory)/stderr")
    try process.run()
    try eventually("\(text)") { FileManager.default.fileExists(atPath: socket) || !process.isRunning }
    try #require(process.isRunning, "\(text)")
    if let nginxSettings { nginx = try TestNginx(pool: socket, ["NGINX_CACHE_SECONDS=0"] + nginxSettings) }
    try eventually { try self.workers().count == workers }
  }

  deinit {
    nginx = nil
    if process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// What every such pool and its commands get: nothing outside this machine is asked.
  var environment: [String: String] {
    let nobody = "http://127.0.0.1:9"
    return [
      "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "DATASET": DatasetTests.committed.path,
      "CACHE__POSTGRES_URL": "sqlite:///\(directory)/linernotes.db", "MUSICBRAINZ__SOURCE": "webservice",
      "MUSICBRAINZ__BASE_URL": nobody, "WIKIPEDIA__BASE_URL": nobody, "WIKIDATA_BASE_URL": nobody,
      "COMMONS_BASE_URL": nobody, "COVER_ART_ARCHIVE_API_URL": nobody, "APPLE_CHARTS_BASE_URL": nobody,
      "BILLBOARD_BASE_URL": nobody,
    ]
  }

  var master: Int32 { process.processIdentifier }
  var site: Site { get throws { try #require(nginx).site } }

  /// What it has logged to standard error.
  var text: String { (try? String(contentsOfFile: "\(directory)/stderr", encoding: .utf8)) ?? "" }

  func linernotes(_ arguments: String..., environment: [String: String] = [:]) throws -> Command.Result {
    try Command.run(binary, arguments, environment: self.environment.merging(environment) { $1 })
  }

  /// What `status --json` says of this pool.
  func status() throws -> [String: Any] {
    let result = try linernotes("status", "--json", "--socket", socket)
    try #require(result.status == 0, "\(result.error)")
    let object = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
    return try #require((object?["pools"] as? [[String: Any]])?.first)
  }

  func workers() throws -> [[String: Any]] { try status()["workers"] as? [[String: Any]] ?? [] }

  func pids() throws -> [Int32] { try workers().compactMap { ($0["pid"] as? Int).map(Int32.init) } }

  /// The worker that is at a request for `route`; waits until there is one.
  func worker(at route: String) throws -> (pid: Int32, state: [String: Any]) {
    var found: [String: Any]?
    try eventually("nobody is at \(route)") {
      found = try workers().first { ($0["request"] as? String)?.hasSuffix(route) ?? false }
      return found != nil
    }
    return (Int32(try #require(found?["pid"] as? Int)), try #require(found))
  }

  /// The metrics, by what stands before the value.
  func metrics() throws -> [String: Double] {
    let answer = try site.get("/metrics")
    try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    return Dictionary(
      String(decoding: answer.body, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
        line in
        guard let blank = line.lastIndex(of: " "), let value = Double(line[line.index(after: blank)...]) else {
          return nil
        }
        return (String(line[..<blank]), value)
      }, uniquingKeysWith: { $1 })
  }

  /// Asks in the background.
  func ask(_ path: String) throws -> Process {
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    curl.arguments = ["-s", "-m", "60", "-o", "/dev/null", try site.url + path]
    try curl.run()
    return curl
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}

/// Waits for up to twenty seconds until something is so.
func eventually(
  _ comment: @autoclosure () -> String = "it did not come to be", seconds: Double = 20,
  _ location: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) throws {
  let end = Date(timeIntervalSinceNow: seconds)
  while try !condition() {
    guard Date() < end else {
      Issue.record("\(comment())", sourceLocation: location)
      throw CancellationError()
    }
    usleep(50_000)
  }
}
