import Core
import Foundation
import Testing

/// One answer, as curl received it.
struct Answer {
  var status: Int
  var statusLine: String
  /// By lower-case name.
  var headers: [String: String]
  var body: Data

  /// The body as JSON; fails the test when it is not.
  func json(_ location: SourceLocation = #_sourceLocation) throws -> Any {
    do {
      return try JSONSerialization.jsonObject(with: body, options: [.fragmentsAllowed])
    } catch {
      Issue.record("not JSON: \(String(decoding: body.prefix(300), as: UTF8.self))", sourceLocation: location)
      throw error
    }
  }

  func object(_ location: SourceLocation = #_sourceLocation) throws -> [String: Any] {
    try #require(try json(location) as? [String: Any], sourceLocation: location)
  }
}

/// What is asked through curl.
struct Site: Sendable {
  let url: String

  /// The path is sent as it is.
  func get(_ path: String, method: String = "GET", headers: [String] = [], arguments: [String] = []) throws -> Answer {
    let body = try Temporary()
    let head = try Temporary()
    var command = ["-s", "-S", "--path-as-is", "-m", "60", "-o", body.url.path, "-D", head.url.path]
    command += method == "HEAD" ? ["-I"] : ["-X", method]
    for header in headers { command += ["-H", header] }
    let result = try Command.run("/usr/bin/curl", command + arguments + [url + path])
    try #require(result.status == 0, "curl \(path): \(result.error)")
    let lines = try String(contentsOf: head.url, encoding: .utf8).components(separatedBy: "\r\n")
    let status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    return Answer(
      status: status, statusLine: lines.first ?? "",
      headers: Dictionary(pairs, uniquingKeysWith: { "\($0), \($1)" }),
      body: method == "HEAD" ? Data() : try Data(contentsOf: body.url))
  }

  /// The statuses of many requests: one after another over one connection, or so many of them at once.
  ///
  /// - Parameter path: with curl's ranges: `/x?[1-100]`.
  func statuses(
    _ path: String, method: String = "GET", atOnce: Int = 1, arguments: [String] = []
  ) throws -> [String] {
    let parallel = ["--parallel", "--parallel-immediate", "--parallel-max", "\(atOnce)"]
    let result = try Command.run(
      "/usr/bin/curl",
      ["-s", "-m", "60", "-o", "/dev/null", "-w", "%{http_code}\n", "-X", method] + (atOnce > 1 ? parallel : [])
        + arguments + [url + path])
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension Stack {
  /// Asks nginx.
  func get(_ path: String, method: String = "GET", headers: [String] = [], arguments: [String] = []) throws -> Answer {
    try Site(url: try value("URL")).get(path, method: method, headers: headers, arguments: arguments)
  }

  /// Speaks to a unix socket of the instance: sends the bytes and reads until the other side closes or falls silent.
  func converse(with socketPath: String, _ bytes: [UInt8], seconds: Int = 3, close: Bool = false) throws -> [UInt8] {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    SocketTimeout.set(on: descriptor, milliseconds: seconds * 1_000)
    let connected = UnixSocketAddress(path: socketPath)?.withPointer { connect(descriptor, $0, $1) }
    try #require(connected == 0, "connect to \(socketPath)")
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    if close { return [] }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = recv(descriptor, &piece, piece.count, 0), count > 0 { answer += piece[..<count] }
    return answer
  }
}
