import Foundation
import HTTP
import Synchronization
import TestServers
import Testing

@testable import Dumps

@Suite struct FetchTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func fetch(
    _ url: String, keyring: String? = nil, unless: (String) -> Bool = { _ in false },
    report: @escaping DumpFetch.Report = { _ in true }
  ) throws -> DumpFetch.Outcome {
    var options = DumpFetch.Options(baseURL: url, keyring: keyring)
    options.pauseMilliseconds = 1
    return try DumpFetch(into: folder.path, options, by: try CurlDownloader(userAgent: "test"), report: report)
      .run(unless: unless)
  }

  private func summary(of outcome: DumpFetch.Outcome) throws -> DumpFetch.Summary {
    guard case .fetched(let summary) = outcome else { throw ToolFailure(description: "\(outcome)") }
    return summary
  }

  private func failure(of url: String, keyring: String? = nil) -> String {
    let error = #expect(throws: DumpError.self) { try fetch(url, keyring: keyring) }
    return error?.description ?? ""
  }

  private func expectAll(of server: ExportServer) throws {
    for archive in DumpArchive.allCases {
      #expect(try folder.read(archive.rawValue) == (try server.bytes(of: archive)), "\(archive)")
    }
    #expect(folder.names == DumpArchive.allCases.map(\.rawValue).sorted())
  }

  /// Fetches until so many bytes of all archives have come.
  private func fetchPart(_ server: ExportServer, until most: Int) {
    let error = #expect(throws: DumpError.self) { try fetch(server.url, report: { $0.received < most }) }
    #expect(error?.code == .interrupted)
  }

  @Test func `all archives of the latest export are fetched, and not fetched again`() throws {
    let server = try ExportServer()
    let first = try summary(of: try fetch(server.url))
    #expect(first.export == ExportServer.name && first.downloaded == 600_000 && first.total == 600_000)
    #expect(!first.isSigned)
    try expectAll(of: server)
    let before = server.requests.count
    let second = try summary(of: try fetch(server.url))
    #expect(second.downloaded == 0)
    #expect(!server.requests.dropFirst(before).contains { $0.contains("tar.bz2") })
    // LATEST is read once, and each archive is asked for once.
    #expect(server.requests.prefix(before).filter { $0.contains("LATEST") }.count == 1)
    #expect(server.requests.prefix(before).filter { $0.hasPrefix("GET") && $0.contains("tar.bz2") }.count == 3)
  }

  @Test func `what is of the latest export already is not looked at`() throws {
    let server = try ExportServer()
    let outcome = try fetch(server.url, unless: { $0 == ExportServer.name })
    guard case .needless(ExportServer.name) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(folder.names.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `an interrupted one goes on where it ended`() throws {
    let server = try ExportServer(rate: "600k")
    fetchPart(server, until: 250_000)
    #expect(!folder.names.contains { $0.hasSuffix(".tar.bz2") }, "no archive has its name before all are there")
    let rest = try summary(of: try fetch(server.url))
    #expect(rest.downloaded > 0 && rest.downloaded <= 350_000, "\(rest.downloaded)")
    #expect(server.requests.contains { $0.contains(" 206 bytes=") })
    try expectAll(of: server)
  }

  @Test func `what has changed at the server is fetched anew`() throws {
    let server = try ExportServer(rate: "600k")
    fetchPart(server, until: 100_000)
    // The same size at another time.
    for archive in DumpArchive.allCases {
      try server.write(try server.bytes(of: archive).reversed(), to: archive)
      let long = Date(timeIntervalSinceNow: -86_400)
      try FileManager.default.setAttributes(
        [.modificationDate: long], ofItemAtPath: "\(server.export)/\(archive.rawValue)")
    }
    try server.publish()
    #expect(try summary(of: try fetch(server.url)).downloaded == 600_000)
    try expectAll(of: server)
  }

  @Test func `a part that is damaged is noticed and fetched anew`() throws {
    let server = try ExportServer(rate: "600k")
    fetchPart(server, until: 100_000)
    let part = try #require(
      DumpArchive.allCases.map { "\($0.rawValue).part" }.first { ((try? folder.read($0))?.count ?? 0) > 1_000 })
    var bytes = try folder.read(part)
    bytes[10] ^= 1
    _ = try folder.write(bytes, to: part)
    let words = failure(of: server.url)
    #expect(words.contains("is not what SHA256SUMS says, and was removed"), "\(words)")
    #expect(!folder.names.contains { $0.hasSuffix(".tar.bz2") })
    #expect(try summary(of: try fetch(server.url)).downloaded < 600_000)
    try expectAll(of: server)
  }

  @Test func `a damaged archive is fetched again, the others are not`() throws {
    let server = try ExportServer()
    _ = try fetch(server.url)
    var bytes = try folder.read(DumpArchive.derived.rawValue)
    bytes[10] ^= 1
    _ = try folder.write(bytes, to: DumpArchive.derived.rawValue)
    #expect(try summary(of: try fetch(server.url)).downloaded == 200_000)
    try expectAll(of: server)
  }

  @Test func `only one at a time fetches into a directory`() throws {
    let server = try ExportServer()
    let first = open(folder.path, O_RDONLY | O_DIRECTORY)
    defer { close(first) }
    #expect(flock(first, LOCK_EX) == 0)
    #expect(failure(of: server.url).contains("somebody else"))
  }

  @Test func `a server that says what cannot be is not believed`() throws {
    let server = try ExportServer()
    try FileManager.default.removeItem(atPath: "\(server.export)/SHA256SUMS")
    #expect(failure(of: server.url).hasSuffix("SHA256SUMS: 404"))
    try Data("0123  mbdump.tar.bz2\n".utf8).write(to: URL(fileURLWithPath: "\(server.export)/SHA256SUMS"))
    #expect(failure(of: server.url).hasSuffix("SHA256SUMS does not name mbdump.tar.bz2"))
    for text in ["", "../../etc", "<html>", String(repeating: "1", count: 41)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(server.folder.path)/exports/LATEST"))
      #expect(failure(of: server.url).contains("LATEST names no export"), "\(text)")
    }
    #expect(folder.names.isEmpty)
  }

  @Test func `it keeps trying while the server is away, and goes on where the connection ended`() throws {
    let server = try ExportServer()
    let count = Mutex(0)
    let flaky = ReplayServer { path in
      let number = count.withLock { count in
        count += 1
        return count
      }
      switch number {
      case 1: return .answer(status: 503, body: [])
      case 2: return .reset
      case 3: return .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n2026".utf8))
      default: return .answer(body: Array("\(ExportServer.name)\n".utf8))
      }
    }
    defer { flaky.stop() }
    let outcome = try fetch(flaky.url, unless: { _ in true })
    guard case .needless(ExportServer.name) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(flaky.requests.count >= 3)
    withExtendedLifetime(server) {}
    let dead = ReplayServer { _ in .reset }
    defer { dead.stop() }
    #expect(failure(of: dead.url).contains("/LATEST: "))
    #expect(dead.connections == 6)
  }

  @Test func `a connection that ends early is resumed`() throws {
    let bytes = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let sum = String(decoding: try run(["sha256sum"], input: bytes).prefix(64), as: UTF8.self)
    let sums = DumpArchive.allCases.map { "\(sum) *\($0.rawValue)\n" }.joined()
    let counts = Mutex([String: Int]())
    let server = ReplayServer { path in
      if path.hasSuffix("LATEST") { return .answer(body: Array("20260724-001234".utf8)) }
      if path.hasSuffix("SHA256SUMS") { return .answer(body: Array(sums.utf8)) }
      let number = counts.withLock { counts in
        counts[path, default: 0] += 1
        return counts[path] ?? 0
      }
      let date = "Last-Modified: Fri, 24 Jul 2026 00:12:34 GMT"
      switch number {
      // HEAD.
      case 1: return .raw(Array("HTTP/1.1 200 OK\r\n\(date)\r\nContent-Length: 100000\r\n\r\n".utf8))
      case 2: return .raw(Array("HTTP/1.1 200 OK\r\n\(date)\r\nContent-Length: 100000\r\n\r\n".utf8) + bytes[..<40_000])
      default:
        return .raw(
          Array(
            "HTTP/1.1 206 Partial\r\n\(date)\r\nContent-Range: bytes 40000-99999/100000\r\nContent-Length: 60000\r\n\r\n"
              .utf8) + bytes[40_000...])
      }
    }
    defer { server.stop() }
    #expect(try summary(of: try fetch(server.url)).downloaded == 300_000)
    for archive in DumpArchive.allCases { #expect(try folder.read(archive.rawValue) == bytes) }
    let resumed = server.requests.filter { $0.contains("Range: bytes=40000-") && $0.contains("If-Range: Fri, 24 Jul") }
    #expect(resumed.count == 3)
  }

  @Test func `checksums have to be signed where there is a keyring`() throws {
    let server = try ExportServer()
    let keys = try Folder()
    let gpg = ["gpg", "--homedir", keys.path, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    defer { _ = try? run(["gpgconf", "--homedir", keys.path, "--kill", "all"]) }
    chmod(keys.path, 0o700)
    for name in ["signer", "stranger"] { try run(gpg + ["--quick-generate-key", name, "ed25519", "sign", "never"]) }
    let ring = "\(keys.path)/ring.gpg"
    try run(gpg + ["--output", ring, "--export", "signer"])
    #expect(failure(of: server.url, keyring: ring).hasSuffix("SHA256SUMS is not signed"))
    func sign(_ name: String) throws {
      let path = "\(server.export)/SHA256SUMS"
      try run(gpg + ["--yes", "--local-user", name, "--armor", "--detach-sign", "--output", "\(path).asc", path])
    }
    try sign("stranger")
    #expect(failure(of: server.url, keyring: ring).contains("its signature is by no key of"))
    #expect(folder.names.isEmpty)
    try sign("signer")
    #expect(try summary(of: try fetch(server.url, keyring: ring)).isSigned)
    try expectAll(of: server)
    // Somebody changes what was signed.
    try server.publish()
    let sums = "\(server.export)/SHA256SUMS"
    try Data((String(contentsOfFile: sums, encoding: .utf8) + "\n").utf8).write(to: URL(fileURLWithPath: sums))
    #expect(failure(of: server.url, keyring: ring).contains("its signature is by no key of"))
  }
}
