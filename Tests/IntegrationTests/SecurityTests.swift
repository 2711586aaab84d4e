import Core
import Foundation
import Testing

/// What an instance leaves open on the machine it runs on, and what is handed on. docs/security.md has the list.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct SecurityTests {
  let stack = Stack.content

  // MARK: - Sockets and files

  /// Of each server of the instance, with everything that it has started.
  private func processes() throws -> [String] {
    var all = try ["POOL_PID", "NGINX_PID", "MEMCACHED_PID", "POSTGRES_PID"].map { try stack.value($0) }
    var parents = all
    while !parents.isEmpty {
      let children = try Command.run("/usr/bin/pgrep", ["-P", parents.joined(separator: ",")])
      parents = String(decoding: children.output, as: UTF8.self).split(separator: "\n").map(String.init)
      all += parents
    }
    return all
  }

  /// The numbers of the sockets that a process has open.
  private func sockets(of process: String) -> Set<String> {
    let folder = "/proc/\(process)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return Set(
      names.compactMap { name in
        let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")) ?? ""
        return target.wholeMatch(of: /socket:\[(\d+)\]/).map { String($0.1) }
      })
  }

  @Test func `nothing listens but on this machine's own address and on unix sockets`() throws {
    let own = try processes().reduce(into: Set<String>()) { $0.formUnion(sockets(of: $1)) }
    #expect(!own.isEmpty)
    var ports: Set<Int> = []
    for table in ["tcp", "tcp6", "udp", "udp6"] {
      let lines = try String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8).split(separator: "\n").dropFirst()
      for fields in lines.map({ $0.split(separator: " ") }) where own.contains(String(fields[9])) {
        // 0A: listens; 07: of UDP, not connected.
        guard ["0A", "07"].contains(fields[3]) else { continue }
        let address = fields[1].split(separator: ":")
        let isLoopback = ["0100007F", "00000000000000000000000001000000"].contains(address[0])
        #expect(isLoopback, "\(table) \(fields[1])")
        ports.insert(Int(address[1], radix: 16) ?? 0)
      }
    }
    #expect(ports == [try #require(Int(try stack.value("PORT")))], "nginx alone")
  }

  @Test func `what an instance writes is its owner's, and nobody else gets to its sockets`() throws {
    let directory = try stack.value("DIR")
    let owner = try FileManager.default.attributesOfItem(atPath: directory)[.ownerAccountID] as? Int
    func mode(_ path: String) throws -> Int {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return try #require(attributes[.posixPermissions] as? Int)
    }
    for name in ["settings", "env"] { #expect(try mode("\(directory)/\(name)") == 0o600, "\(name)") }
    for path in [try stack.value("SOCKETS"), "\(directory)/log", "\(directory)/nginx/state", "\(directory)/postgres"] {
      #expect(try mode(path) & 0o077 == 0, "\(path)")
    }
    #expect(try mode(try stack.value("POOL_SOCKET")) == 0o600)
    let foreign = try Command.run(
      "/usr/bin/find", [directory, "-not", "-type", "l", "(", "-perm", "/022", "-not", "-type", "s", ")"])
    #expect(foreign.output.isEmpty, "others may write: \(String(decoding: foreign.output.prefix(500), as: UTF8.self))")
    let own = try FileManager.default.attributesOfItem(atPath: "\(directory)/run")
    #expect(own[.ownerAccountID] as? Int == owner)
  }

  @Test func `a link that the owner of an instance has left leads nobody to another file`() throws {
    let files = FileManager.default
    let folder = files.temporaryDirectory.appending(path: "linernotes-links-\(UUID().uuidString.prefix(8))").path
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    let victim = "\(folder)/victim"
    try "untouched".write(toFile: victim, atomically: false, encoding: .utf8)
    let instance = Stack(directory: "\(folder)/instance")
    let up = [
      "--binary", try stack.value("POOL_BINARY"), "--services", "pool,nginx", "--workers", "2", "--set",
      "DATASET=\(TestNginx.checkout)/sample/sample.dataset", "--set", "WIKIPEDIA__BASE_URL=http://127.0.0.1:9",
    ]
    try instance.run("up", up)
    defer { try? instance.run("remove") }
    try instance.run("down")
    let directory = try instance.value("DIR")
    let names = [
      "run/pool.pid", "run/nginx.pid", "nginx/http.conf", "nginx/nginx.conf", "env.new", "settings.new",
      "bin/linernotes.new",
    ]
    for name in names {
      try? files.removeItem(atPath: "\(directory)/\(name)")
      try files.createSymbolicLink(atPath: "\(directory)/\(name)", withDestinationPath: victim)
    }
    try instance.run("up", up)
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "untouched")
    #expect(try instance.get("/").status == 200)
  }

  // MARK: - What is handed on

  private func readelf(_ option: String) throws -> String {
    let executable = try #require(ProcessInfo.processInfo.environment["LINERNOTES_EXECUTABLE"])
    let result = try Command.run("/usr/bin/env", ["readelf", option, "--wide", executable])
    try #require(result.status == 0, "\(result.error)")
    return String(decoding: result.output, as: UTF8.self)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["LINERNOTES_EXECUTABLE"] != nil))
  func `the executable has what makes an attacker's work harder`() throws {
    #expect(try readelf("-h").contains("DYN (Position-Independent Executable"))
    let dynamic = try readelf("-d")
    #expect(dynamic.contains("BIND_NOW") && dynamic.contains("PIE"))
    #expect(!dynamic.contains("TEXTREL"))
    let segments = try readelf("-l").split(separator: "\n")
    #expect(segments.contains { $0.contains("GNU_RELRO") })
    let stack = try #require(segments.first { $0.contains("GNU_STACK") })
    #expect(stack.contains(" RW ") && !stack.contains("E"), "\(stack)")
    // No part may be both written and executed.
    #expect(!segments.contains { $0.contains("LOAD") && $0.contains("RWE") })
    #expect(try readelf("--dyn-syms").contains("__stack_chk_fail"))
  }

  private func table() throws -> [String: Set<String>] {
    let lines = try String(contentsOfFile: "\(TestNginx.checkout)/deploy/licenses.tsv", encoding: .utf8)
      .split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: "\t").map(String.init) }
    #expect(lines.allSatisfy { $0.count == 5 })
    return Dictionary(grouping: lines) { $0[0] }.mapValues { Set($0.map { $0[1] }) }
  }

  /// The texts that an expression finds in a file or a folder, its first group of each.
  private func found(_ expression: String, in path: String) throws -> Set<String> {
    let result = try Command.run("/usr/bin/env", ["grep", "-rhoP", expression, "\(TestNginx.checkout)/\(path)"])
    return Set(String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  @Test func `everything that is linked is listed with its license, and nothing else`() throws {
    let table = try table()
    #expect(table["package"] == (try found(#""identity" : "\K[^"]+"#, in: "Package.resolved")))
    #expect(table["archive"] == (try found(#"pkgConfig: "\K[^"]+"#, in: "Package.swift").union(["stdc++"])))
    #expect(table["opened"] == (try found(#""\Klib[a-z0-9]+\.so(?=[.0-9]*")"#, in: "Sources")))
    let executable = try #require(ProcessInfo.processInfo.environment["LINERNOTES_EXECUTABLE"])
    guard executable.contains("/shipped/") else { return }
    for line in try readelf("-d").split(separator: "\n") where line.contains("(NEEDED)") {
      #expect(table["shared"]?.contains { line.contains("[\($0)") } == true, "\(line)")
    }
  }

  @Test func `the list in SPDX's format has the versions that are built in`() throws {
    let result = try Command.run("\(TestNginx.checkout)/scripts/sbom", [])
    try #require(result.status == 0, "\(result.error)")
    let document = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    #expect(document["spdxVersion"] as? String == "SPDX-2.3")
    let packages = try #require(document["packages"] as? [[String: Any]])
    for package in packages {
      for name in ["name", "SPDXID", "versionInfo", "downloadLocation", "licenseDeclared"] {
        #expect((package[name] as? String)?.isEmpty == false, "\(name) of \(package)")
      }
    }
    let names = try table().values.reduce(Set(["linernotes"])) { $0.union($1) }
    #expect(Set(packages.compactMap { $0["name"] as? String }) == names)
    let resolved = try String(contentsOfFile: "\(TestNginx.checkout)/Package.resolved", encoding: .utf8)
    for package in packages where (package["downloadLocation"] as? String)?.hasPrefix("git+") == true {
      #expect(resolved.contains("\"version\" : \"\(package["versionInfo"] ?? "")\""), "\(package)")
    }
    let texts = try Command.run("\(TestNginx.checkout)/scripts/sbom", ["--texts"])
    #expect(String(decoding: texts.output, as: UTF8.self).contains("Apache License"))
  }

  // MARK: - The list of threats

  @Test func `every test that docs security md names is there`() throws {
    let page = try String(contentsOfFile: "\(TestNginx.checkout)/docs/security.md", encoding: .utf8)
    let named = page.split(separator: "\n").compactMap { $0.wholeMatch(of: /\s\s- `(\w+)`: (.+)/) }
    #expect(named.count > 30)
    for match in named {
      let files = try Command.run(
        "/usr/bin/env",
        ["grep", "-rlE", "(struct|class) \(match.1)\\b|extension \(match.1)\\b", "\(TestNginx.checkout)/Tests"])
      let texts = String(decoding: files.output, as: UTF8.self).split(separator: "\n").map {
        (try? String(contentsOfFile: String($0), encoding: .utf8)) ?? ""
      }
      #expect(texts.contains { $0.contains("func `\(match.2)`") }, "\(match.1): \(match.2)")
    }
    // Each threat has at least one.
    let threats = page.components(separatedBy: "\n- **").dropFirst()
    for threat in threats { #expect(threat.contains("\n  - `"), "\(threat.prefix(60))") }
  }
}
