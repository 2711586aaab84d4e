import Core
import Foundation
import Testing

/// An nginx of a test's own in front of a pool, with what `deploy/nginx/render` makes of the settings.
final class TestNginx {
  let directory: String
  let port: Int
  private let process = Process()

  var site: Site { Site(url: "http://127.0.0.1:\(port)") }

  /// - Parameters:
  ///   - pool: the pool's socket.
  ///   - settings: for `render`.
  ///   - replacing: what the rendered server says, and what it shall say: time-outs that a test can wait for.
  ///   - configuration: a hoster's own nginx.conf, given the directory of the snippets and the port; nil for the shipped
  ///     one.
  init(
    pool: String, _ settings: [String] = [], replacing: [String: String] = [:],
    configuration: ((String, Int) -> String)? = nil
  ) throws {
    port = try TestNginx.freePort()
    directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-nginx-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: "\(directory)/state", withIntermediateDirectories: true)
    var arguments = ["\(directory)/conf", "POOL_SOCKET=\(pool)", "WORKERS=1", "NGINX_STATE=\(directory)/state"]
    arguments += ["NGINX_LOG=\(directory)"] + settings
    if configuration == nil { arguments.append("NGINX_LISTEN=127.0.0.1:\(port)") }
    let render = try Command.run(TestNginx.render, arguments)
    try #require(render.status == 0, "\(render.error)")
    for (text, replacement) in replacing {
      let file = "\(directory)/conf/server.conf"
      let rendered = try String(contentsOfFile: file, encoding: .utf8)
      try #require(rendered.contains(text))
      try rendered.replacing(text, with: replacement).write(toFile: file, atomically: false, encoding: .utf8)
    }
    var main = "\(directory)/conf/nginx.conf"
    if let configuration {
      main = "\(directory)/nginx.conf"
      try configuration("\(directory)/conf", port).write(toFile: main, atomically: false, encoding: .utf8)
    }
    var command = ["-e", "stderr", "-p", directory, "-c", main]
    // As root, the workers run as whoever may open the pool's socket.
    if getuid() == 0 {
      let owner = try FileManager.default.attributesOfItem(atPath: pool)[.ownerAccountName] as? String ?? "nobody"
      command += ["-g", "user \(owner == "root" ? "nobody nogroup" : owner + " nogroup");"]
    }
    let check = try Command.run("/usr/bin/env", ["nginx"] + command + ["-t"], environment: TestNginx.environment)
    try #require(check.status == 0, "\(check.error)")
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["nginx"] + command
    process.environment = TestNginx.environment
    // A test that crashes leaves it behind, and nobody must wait for it.
    process.standardInput = FileHandle(forReadingAtPath: "/dev/null")
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
    try #require(FileManager.default.createFile(atPath: "\(directory)/errors", contents: nil))
    process.standardError = FileHandle(forWritingAtPath: "\(directory)/errors")
    try process.run()
    for _ in 0..<200 where !isListening { usleep(20_000) }
    try #require(isListening, "nginx does not listen")
  }

  deinit {
    if process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(atPath: directory)
  }

  var accessLog: String { (try? String(contentsOfFile: "\(directory)/access.log", encoding: .utf8)) ?? "" }

  static let checkout =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private static let render = checkout + "/deploy/nginx/render"

  /// An nginx.conf with what `http` needs to hold servers, and its files beside the snippets.
  static func main(in snippets: String, _ http: String) -> String {
    let state = "\(snippets)/../state"
    return """
      daemon off;
      pid \(state)/own.pid;
      error_log \(snippets)/../error.log;
      events { worker_connections 256; }
      http {
        variables_hash_max_size 2048;
        client_body_temp_path \(state)/body;
        fastcgi_temp_path \(state)/fastcgi;
        proxy_temp_path \(state)/proxy;
        scgi_temp_path \(state)/scgi;
        uwsgi_temp_path \(state)/uwsgi;
        \(http)
      }
      """
  }

  private static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

  private var isListening: Bool {
    guard let descriptor = try? LoopbackConnection(port: port) else { return false }
    return descriptor.isOpen
  }

  static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = LoopbackConnection.address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) + getsockname(descriptor, $0, &length)
      }
    }
    try #require(result == 0)
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

/// A connection to a port of this machine, for what curl does not do.
final class LoopbackConnection {
  private let descriptor: Int32
  let isOpen: Bool

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0, "too few open files are allowed")
    SocketTimeout.set(on: descriptor, milliseconds: 60_000)
    var address = LoopbackConnection.address(port: port)
    let descriptor = descriptor
    isOpen =
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      } == 0
  }

  deinit { close(descriptor) }

  func send(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

  /// Whether the other side has broken the connection off instead of closing it.
  private(set) var isReset = false

  /// Everything until the other side closes.
  func readAll() -> String {
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = recv(descriptor, &piece, piece.count, 0), count != 0 {
      guard count > 0 else {
        isReset = errno == ECONNRESET
        break
      }
      answer += piece[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }

  static func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}

/// Until an answer that nginx has by now is too old to be given: its second and the next have to be over.
func waitForNginxToAskAgain() {
  let second = Int(time(nil)) + 2
  while Int(time(nil)) < second { usleep(10_000) }
  // nginx looks at the clock when something happens, and the request to come is that.
}
