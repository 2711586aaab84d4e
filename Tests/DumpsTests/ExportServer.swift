import Foundation
import Testing

@testable import Dumps

/// An nginx of a test's own that serves exports as MetaBrainz does.
final class ExportServer {
  let folder: Folder
  let port: Int
  private let process = Process()

  static let name = "20260724-001234"
  var url: String { "http://127.0.0.1:\(port)" }
  /// Where the archives of the export are.
  var export: String { "\(folder.path)/exports/\(ExportServer.name)" }

  /// - Parameter rate: bytes a second of each answer.
  init(rate: String = "0") throws {
    folder = try Folder()
    port = Int.random(in: 20_000...29_999)
    try FileManager.default.createDirectory(atPath: export, withIntermediateDirectories: true)
    for archive in DumpArchive.allCases {
      // Different in each archive, and at each place.
      try write(
        (0..<50_000).flatMap { number in
          let word = UInt32(number) &* 2_654_435_761 &+ UInt32(archive.rawValue.utf8.count)
          return [UInt8(word >> 24), UInt8(word >> 16 & 255), UInt8(word >> 8 & 255), UInt8(word & 255)]
        }, to: archive)
    }
    try publish()
    let configuration = """
      daemon off; master_process off; pid nginx.pid; error_log stderr;
      events {}
      http {
        log_format short '$request_method $uri $status $http_range';
        access_log access.log short;
        client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp;
        scgi_temp_path temp;
        limit_rate \(rate);
        server { listen 127.0.0.1:\(port); root exports; }
      }
      """
    _ = try folder.write(Array(configuration.utf8), to: "nginx.conf")
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["nginx", "-p", folder.path, "-e", "stderr", "-c", "\(folder.path)/nginx.conf"]
    process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"]
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try process.run()
    for _ in 0..<500 where !FileManager.default.fileExists(atPath: "\(folder.path)/nginx.pid") { usleep(10_000) }
    try #require(process.isRunning)
  }

  deinit {
    // It may miss a signal that it handles itself, since nothing else wakes it.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func write(_ bytes: [UInt8], to archive: DumpArchive) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(export)/\(archive.rawValue)"))
  }

  func bytes(of archive: DumpArchive) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(export)/\(archive.rawValue)")))
  }

  /// Writes the checksums, and says that this is the latest export.
  func publish() throws {
    let sums = try run(["sh", "-c", "cd '\(export)' && sha256sum *.tar.bz2"])
    try Data(sums).write(to: URL(fileURLWithPath: "\(export)/SHA256SUMS"))
    try Data("\(ExportServer.name)\n".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/exports/LATEST"))
  }

  /// `GET /20260724-001234/mbdump.tar.bz2 206 bytes=1000-`
  var requests: [String] {
    // It writes a line when the answer has been sent.
    usleep(100_000)
    return String(decoding: (try? folder.read("access.log")) ?? [], as: UTF8.self).split(separator: "\n").map {
      String($0)
    }
  }
}
