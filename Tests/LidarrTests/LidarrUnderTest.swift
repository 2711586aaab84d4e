import Foundation
import Testing

/// `Recorded/lidarr`: something that behaves as Lidarr does, with metadata servers beside it.
final class LidarrUnderTest {
  /// Of this one alone, so that it can be told whether somebody shows it.
  let key = UUID().uuidString.replacing("-", with: "").lowercased()
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let canRun = (try? Outcome("/usr/bin/env", ["python3", "--version"]).status) == 0

  struct Ports: Decodable {
    var lidarr: Int
    var server: Int
    var lidarrTLS: Int?
    var serverTLS: Int?
  }

  let directory = NSTemporaryDirectory() + "lidarr-" + UUID().uuidString
  let ports: Ports
  private let process = Process()
  private let input = Pipe()

  /// - Parameters:
  ///   - object: what it tells at first, byte for byte; nil is an object of its own.
  ///   - tls: whether it listens with a certificate that nobody trusts as well.
  init(_ arguments: [String] = [], object: String? = nil, tls: Bool = false) throws {
    try FileManager.default.createDirectory(atPath: directory + "/tmp", withIntermediateDirectories: true)
    var arguments = arguments + ["--log", directory + "/log"]
    if let object {
      try Data(object.utf8).write(to: URL(fileURLWithPath: directory + "/object"))
      arguments += ["--object", directory + "/object"]
    }
    if tls {
      let certificate = try Outcome(
        "/bin/sh",
        [
          "-c",
          """
          openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lidarr -addext 'subjectAltName=IP:127.0.0.1' \
            -keyout "$0/key.pem" -out "$0/certificate.pem" 2>&1 && cat "$0/key.pem" "$0/certificate.pem" >"$0/both.pem"
          """, directory,
        ])
      try #require(certificate.status == 0, "\(certificate)")
      arguments += ["--certificate", directory + "/both.pem"]
    }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", LidarrUnderTest.folder.appending(path: "Recorded/lidarr").path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["LIDARR_KEY": key]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    var line = Data()
    while !line.contains(10) {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      line += data
    }
    ports = try JSONDecoder().decode(Ports.self, from: line)
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: directory)
  }

  var url: String { "http://127.0.0.1:\(ports.lidarr)" }
  var secureURL: String { "https://127.0.0.1:\(ports.lidarrTLS ?? 0)" }
  var certificate: String { directory + "/certificate.pem" }
  func server(_ kind: String) -> String { "http://127.0.0.1:\(ports.server)/\(kind)" }

  var requests: [String] {
    ((try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? "").split(separator: "\n").map { String($0) }
  }

  /// The bodies that were put.
  var bodies: [String] {
    let text = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
    return text.matches(of: /(?s)PUT \S+ (.*?)\n(?=GET |PUT |server |VISIBLE|$)/).map { String($0.1) }
  }

  /// What it says is set.
  func source() throws -> String? {
    let answer = try Outcome(
      "/usr/bin/curl", ["-s", "-L", "--config", "-", "\(url)/api/v1/config/metadataprovider"],
      input: "header = \"X-Api-Key: \(key)\"")
    let object = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
    return object?["metadataSource"] as? String
  }

  /// Names and permissions of what is saved.
  func saved() -> [String: Int] {
    let files = FileManager.default
    let names = (try? files.contentsOfDirectory(atPath: directory + "/state")) ?? []
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        let attributes = try? files.attributesOfItem(atPath: "\(directory)/state/\(name)")
        return (name, attributes?[.posixPermissions] as? Int ?? 0)
      })
  }
}

/// How a program that was run to its end has ended.
struct Outcome {
  var status: Int32
  var text: String
  var error: String

  init(_ path: String, _ arguments: [String], environment: [String: String]? = nil, input: String = "") throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let environment { process.environment = environment }
    let (output, error, standardInput) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    process.standardInput = standardInput
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    // What they write is less than a pipe holds.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    status = process.terminationStatus
    self.text = String(decoding: text, as: UTF8.self)
    self.error = String(decoding: complaint, as: UTF8.self)
  }
}

/// The two programs that do the same.
enum Way: String, CaseIterable, CustomTestStringConvertible {
  case command, script

  var testDescription: String { rawValue }

  static let scriptPath =
    LidarrUnderTest.folder.deletingLastPathComponent().deletingLastPathComponent().appending(
      path: "deploy/lidarr/switch"
    )
    .path

  /// Beside the tests' own executable, if no other is meant.
  private static var executable: String {
    if let path = ProcessInfo.processInfo.environment["LINERNOTES_EXECUTABLE"] { return path }
    let own = URL(fileURLWithPath: realpath("/proc/self/exe", nil).map { String(cString: $0) } ?? "/")
    return own.deletingLastPathComponent().appending(path: "linernotes").path
  }

  /// - Parameters:
  ///   - hasKey: whether the key is in the environment.
  ///   - shell: what runs the script.
  func run(
    _ lidarr: LidarrUnderTest, url: String? = nil, _ arguments: [String], hasKey: Bool = true,
    environment: [String: String] = [:], input: String = "", shell: [String] = ["/bin/sh"], path: String? = nil
  ) throws -> Outcome {
    var all = [
      "PATH": path ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no",
      "STATE_DIRECTORY": lidarr.directory + "/state", "TMPDIR": lidarr.directory + "/tmp",
    ].merging(environment) { $1 }
    if hasKey { all["LIDARR_API_KEY"] = lidarr.key }
    let words = ["--url", url ?? lidarr.url] + arguments
    let outcome =
      switch self {
      case .command: try Outcome(Way.executable, ["lidarr"] + words, environment: all, input: input)
      case .script:
        try Outcome("/usr/bin/env", shell + [Way.scriptPath] + words, environment: all, input: input)
      }
    // Neither tells the key, shows it to others or leaves anything lying about.
    #expect(!(outcome.text + outcome.error).contains(lidarr.key))
    #expect(!lidarr.requests.contains("VISIBLE"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: lidarr.directory + "/tmp") == [])
    return outcome
  }
}
