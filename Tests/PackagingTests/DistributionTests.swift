import Foundation
import Testing

/// `make dist`, the manual page and the units. `make deb-test` tries the Debian package.
@Suite struct DistributionTests {
  /// Where nobody listens: nothing outside is asked.
  static let offline = Dictionary(
    uniqueKeysWithValues: [
      "WIKIPEDIA__BASE_URL", "WIKIDATA_BASE_URL", "COMMONS_BASE_URL", "COVER_ART_ARCHIVE_API_URL",
      "APPLE_CHARTS_BASE_URL", "BILLBOARD_BASE_URL",
    ].map { ($0, "http://127.0.0.1:9") })

  static let hasMandoc = FileManager.default.isExecutableFile(atPath: "/usr/bin/mandoc")

  @Test func `the manual page has every command, and mandoc nothing against it`() throws {
    let script = Checkout.root.appending(path: "packaging/man").path
    let template = Checkout.root.appending(path: "packaging/linernotes.1.in").path
    let page = try Checkout.run("/usr/bin/env", ["python3", script, Checkout.executable, template, "1700000000"])
    #expect(page.status == 0, "\(page.error)")
    #expect(page.text.contains(".Dd November 14, 2023"))
    for command in try Checkout.commands() where command != "help" {
      #expect(page.text.contains("\n.It Cm \(command)\n"), "\(command)")
    }
    guard Self.hasMandoc else { return }
    let file = NSTemporaryDirectory() + "linernotes-\(UUID().uuidString).1"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(page.text.utf8).write(to: URL(fileURLWithPath: file))
    let lint = try Checkout.run("/usr/bin/mandoc", ["-T", "lint", "-W", "warning", file])
    #expect(lint.status == 0, "\(lint.text)\(lint.error)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `there are completions with every command`(shell: String) throws {
    let script = try Checkout.run(Checkout.executable, ["--generate-completion-script", shell])
    #expect(script.status == 0)
    for command in try Checkout.commands() where command != "help" {
      #expect(script.text.contains(command), "\(command)")
    }
  }

  @Test func `the units run commands that there are, all shut in alike`() throws {
    let folder = Checkout.root.appending(path: "deploy/spawn")
    let commands = try Checkout.commands()
    var hardening: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".service") {
      let unit = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      let start = try #require(unit.firstMatch(of: /\nExecStart=\/usr\/local\/bin\/linernotes (\S+)/), "\(name)")
      let command = String(start.1)
      #expect(commands.contains(command), "\(name): \(command)")
      let rest = try #require(unit.firstRange(of: "UMask=0077\n"))
      hardening.insert(
        String(unit[rest.lowerBound...].prefix { $0 != "[" }.drop { $0.isNewline }).trimmingCharacters(in: .newlines))
    }
    #expect(hardening.count == 1)
  }

  @Test(
    .enabled(if: Checkout.released != nil || ProcessInfo.processInfo.environment["CI"] == "true", "nothing to pack"))
  func `the tarball serves from wherever it is unpacked, and two of them are alike`() throws {
    let executable = try #require(Checkout.released, "LINERNOTES_EXECUTABLE is not set")
    // Somewhere that an ordinary user can reach, with a blank in it.
    let work = "/var/tmp/linernotes dist-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: work) }
    var sums: [String] = []
    for name in ["one", "two"] {
      let pack = try Checkout.run(
        Checkout.root.appending(path: "scripts/dist").path, [],
        [
          "DIST": "\(work)/\(name)", "LINERNOTES_EXECUTABLE": executable, "SOURCE_DATE_EPOCH": "1700000000",
          "DIST_LEVEL": "0",
        ])
      try #require(pack.status == 0, "\(pack.error)")
      let tarball = pack.text.trimmingCharacters(in: .newlines)
      sums.append(try Checkout.run("/usr/bin/sha256sum", [tarball]).text.prefix(64).description)
      if name == "one" { try #require(Checkout.run("/usr/bin/tar", ["-C", work, "-xf", tarball]).status == 0) }
    }
    #expect(sums[0] == sums[1])
    let tree = try #require(
      try FileManager.default.contentsOfDirectory(atPath: work).first { $0.hasPrefix("linernotes-") }.map {
        "\(work)/\($0)"
      })
    for file in [
      "README.md", "CHANGELOG.md", "LICENSE", "docs/INSTALL.md", "settings.yml.example", "share/man/man1/linernotes.1",
      "share/bash-completion/completions/linernotes", "LICENSES/swift-LICENSE.txt", "LICENSES/zlib1g-dev.txt",
      "deploy/lidarr/switch", "deploy/cgi/linernotes.cgi",
    ] { #expect(FileManager.default.fileExists(atPath: "\(tree)/\(file)"), "\(file)") }
    // It is sound as it is: nothing is asked of anybody before there is a contact.
    let check = try Checkout.run(
      "\(tree)/bin/linernotes", ["check", "--config", "\(tree)/settings.yml.example"],
      ["STATE_DIRECTORY": "\(work)/state"])
    #expect(check.status == 0, "\(check)")

    // An instance of an ordinary user, in a path that nginx takes without quotes.
    let instance = "/var/tmp/i-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: instance) }
    try FileManager.default.createDirectory(atPath: instance, withIntermediateDirectories: true)
    let port = try freePort()
    let settings = """
      POOL_BINARY=\(tree)/bin/linernotes
      POOL_SOCKET=/tmp/linernotes-\(getpid()).sock
      NGINX_LISTEN=127.0.0.1:\(port)
      WORKERS=2
      MUSICBRAINZ__SOURCE=webservice
      DATASET=\(tree)/sample/sample.dataset
      STATE_DIRECTORY=\(instance)/state
      """
    let lines = [settings] + Self.offline.map { "\($0)=\($1)" }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: "\(instance)/settings"))
    if getuid() == 0 { try #require(Checkout.run("/usr/bin/chown", ["-R", "nobody:nogroup", instance]).status == 0) }
    let start = try Checkout.run("\(tree)/deploy/spawn/start", [instance])
    defer { _ = try? Checkout.run("\(tree)/deploy/spawn/stop", [instance]) }
    try #require(start.status == 0, "\(start)")
    let answer = try Checkout.run(
      "/usr/bin/curl",
      [
        "-fsS", "--retry", "20", "--retry-all-errors", "--retry-delay", "1",
        "http://127.0.0.1:\(port)/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a",
      ])
    #expect(answer.status == 0 && answer.text.contains("472bc127-8861-45e8-bc9e-31e8dd32de7a"), "\(answer)")
    #expect(try Checkout.run("\(tree)/deploy/spawn/stop", [instance]).status == 0)
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/nginx"), "no nginx"))
  func `the container's entry point serves, and ends when it is told to`() throws {
    // As in a container, by an ordinary user, who may not look into the checkout.
    let work = "/var/tmp/e-\(UUID().uuidString.prefix(8))"
    let files = FileManager.default
    try files.createDirectory(atPath: work + "/bin", withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: work) }
    try files.copyItem(atPath: Checkout.executable, toPath: work + "/bin/linernotes")
    try files.copyItem(atPath: Checkout.root.appending(path: "deploy").path, toPath: work + "/deploy")
    try files.copyItem(
      atPath: Checkout.root.appending(path: "sample/sample.dataset").path, toPath: work + "/sample.dataset")
    let entry = work + "/deploy/docker/entrypoint"
    var user: [String] = []
    if getuid() == 0 {
      try #require(Checkout.run("/usr/bin/chown", ["-R", "nobody:nogroup", work]).status == 0)
      user = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
    }
    let port = try freePort()
    let environment = [
      "PATH": "\(work)/bin:/usr/sbin:/usr/bin:/sbin:/bin", "RUNTIME_DIRECTORY": work + "/run",
      "STATE_DIRECTORY": work + "/state", "NGINX_LISTEN": "127.0.0.1:\(port)", "WORKERS": "2", "HOME": work,
      "MUSICBRAINZ__SOURCE": "webservice", "CORS_ORIGINS": "https://a.example",
      "DATASET": work + "/sample.dataset", "SWIFT_BACKTRACE": "enable=no",
    ].merging(Self.offline) { $1 }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // The tests' own process blocks SIGTERM, and its children inherit that.
    process.arguments =
      [
        "python3", "-c",
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execvp(sys.argv[1], sys.argv[1:])",
      ] + (user.isEmpty ? ["env"] : user) + [entry, "server"]
    process.environment = environment
    let log = work + "/log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    process.standardError = process.standardOutput
    process.standardInput = FileHandle.nullDevice
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    let answer = try Checkout.run(
      "/usr/bin/curl",
      [
        "-fsS", "-D", "-", "-H", "Origin: https://a.example", "--retry", "60", "--retry-all-errors", "--retry-delay",
        "1",
        "http://127.0.0.1:\(port)/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a",
      ])
    let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    #expect(
      answer.status == 0 && answer.text.contains("Access-Control-Allow-Origin: https://a.example"), "\(answer) \(said)")
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try String(contentsOfFile: log, encoding: .utf8).contains("GET /artist/472bc127"), "no access log")
    #expect(try Checkout.run("/usr/bin/env", user + [entry, "--version"], environment).status == 0)
  }

  private func freePort() throws -> Int {
    let result = try Checkout.run(
      "/usr/bin/env",
      ["python3", "-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"])
    return try #require(Int(result.text.trimmingCharacters(in: .newlines)))
  }
}
