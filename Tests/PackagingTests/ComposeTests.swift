import Core
import Foundation
import Testing

@testable import Settings

/// `deploy/docker` against the settings and the commands that there are. Docker itself is not asked.
@Suite struct ComposeTests {
  static let folder = Checkout.root.appending(path: "deploy/docker")
  static let files = [
    "docker-compose.yml", "docker-compose.dev.yml", "docker-compose.prod.yml", "docker-compose.crawler.yml",
  ]

  static func read(_ name: String) throws -> JSONValue {
    try YAMLReader.value(of: Array(Data(contentsOf: folder.appending(path: name))))
  }

  /// The services that run our image, of which a file says all or only what it changes.
  static func ours(_ file: JSONValue) -> [(name: String, JSONValue)] {
    file["services"].members.filter { $0.value["image"].isNull || $0.value["image"].text == "linernotes" }
      .map { ($0.key, $0.value) }
  }

  @Test func `there are no others`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".yml") }
    #expect(names.sorted() == Self.files.sorted())
  }

  @Test(arguments: files)
  func `every name in the environment is a setting, with a value that it allows`(name: String) throws {
    let services = Self.ours(try Self.read(name))
    #expect(!services.isEmpty)
    for (service, content) in services {
      var preset = Preset.default
      if let text = content["environment"]["LIDARR_METADATA_CONFIG"].text {
        preset = try #require(Preset(rawValue: text), "\(service): \(text)")
      }
      let names = SettingNames(preset: preset)
      for (key, value) in content["environment"].members where key != "LIDARR_METADATA_CONFIG" {
        guard case .key(let index, _, _, let isPathOfFile)? = names[key] else {
          Issue.record("\(service): \(key) is no setting")
          continue
        }
        let text = try #require(value.text, "\(service): \(key)")
        let setting = SettingCatalog.keys[index]
        if isPathOfFile {
          let secret = text.replacing("/run/secrets/", with: "")
          #expect(
            content["secrets"].elements.contains { $0.text == secret }, "\(service): \(key) names no secret of it")
        } else if !text.hasPrefix("$") {
          #expect(setting.read(text) != nil, "\(service): \(key)=\(text)")
        }
        // A password has no place in a file that is handed on, and no default.
        if setting.confidentiality == .secret { #expect(isPathOfFile, "\(service): \(key) is not a file") }
      }
    }
  }

  @Test(arguments: files)
  func `no service has a password by default, and every secret has to be given`(name: String) throws {
    let file = try Self.read(name)
    for (service, content) in file["services"].members {
      for (key, value) in content["environment"].members where key.contains("PASSWORD") || key.contains("KEY") {
        #expect(key.hasSuffix("_FILE") && value.text?.hasPrefix("/run/secrets/") == true, "\(service): \(key)")
      }
    }
    for (secret, content) in file["secrets"].members {
      #expect(content["file"].text?.wholeMatch(of: /\$\{[A-Z_]+:\?[^}]+\}/) != nil, "\(secret)")
    }
  }

  @Test(arguments: files)
  func `ports are open on this machine alone, and volumes and secrets are declared`(name: String) throws {
    let file = try Self.read(name)
    let base = try Self.read("docker-compose.yml")
    let prod = try Self.read("docker-compose.prod.yml")
    for (service, content) in file["services"].members {
      for port in content["ports"].elements {
        #expect(port.text?.wholeMatch(of: /127\.0\.0\.1:\d+:\d+/) != nil, "\(service): \(port)")
      }
      for volume in content["volumes"].elements {
        let name = volume.text?.split(separator: ":").first.map { String($0) } ?? ""
        #expect(file["volumes"].members[name] != nil || base["volumes"].members[name] != nil, "\(service): \(volume)")
      }
      for secret in content["secrets"].elements {
        #expect(prod["secrets"].members[secret.text ?? ""] != nil, "\(service): \(secret)")
      }
      for other in content["depends_on"].elements {
        #expect([base, prod, file].contains { !$0["services"][other.text ?? ""].isNull }, "\(service): \(other)")
      }
    }
  }

  @Test(arguments: files)
  func `what runs is a command that there is`(name: String) throws {
    let commands = try Checkout.commands()
    for (service, content) in Self.ours(try Self.read(name)) {
      guard let command = content["command"].elements.first?.text else { continue }
      #expect(commands.contains(command), "\(service): \(command)")
    }
    let lines = try String(contentsOf: Self.folder.appending(path: "Dockerfile"), encoding: .utf8)
    #expect(lines.contains(#"CMD ["server"]"#) && lines.contains("\nUSER linernotes\n"))
  }
}
