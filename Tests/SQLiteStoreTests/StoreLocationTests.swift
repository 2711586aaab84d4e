import Core
import Foundation
import Testing

@testable import SQLiteStore

@Suite struct StoreLocationTests {
  @Test(
    arguments: [
      ("sqlite:////var/lib/a.db", [:], "/var/lib/a.db"), ("sqlite:///var/lib/a.db", [:], "/var/lib/a.db"),
      ("sqlite:///a.db", [:], "/home/me/.local/state/linernotes/a.db"), ("sqlite:///./a.db", [:], "/srv/./a.db"),
      ("sqlite:///a.db", ["STATE_DIRECTORY": "/var/lib/ln"], "/var/lib/ln/a.db"),
      (nil, ["STATE_DIRECTORY": "/var/lib/ln:/var/lib/other", "XDG_STATE_HOME": "/s"], "/var/lib/ln/linernotes.db"),
      (nil, ["XDG_STATE_HOME": "/s", "HOME": "/elsewhere"], "/s/linernotes/linernotes.db"),
      (nil, ["XDG_STATE_HOME": "relative", "HOME": "/elsewhere"], "/home/me/.local/state/linernotes/linernotes.db"),
    ] as [(String?, [String: String], String)])
  func `the file is where the URL says, or in the directory for state`(
    _ url: String?, _ environment: [String: String], _ path: String
  ) {
    let location = StoreLocation.of(
      url: url, environment: environment, home: { "/home/me" }, workingDirectory: { "/srv" })
    #expect(location == .file(path))
  }

  @Test func `without a home there is none, and memory is no file`() {
    func location(_ url: String?) -> StoreLocation? {
      StoreLocation.of(url: url, environment: [:], home: { nil }, workingDirectory: { nil })
    }
    #expect(location(nil) == nil)
    #expect(location("sqlite:///a.db") == nil)
    #expect(location("sqlite:///:memory:") == .memory)
  }

  @Test func `the directory and the files are their owner's alone`() throws {
    let directory = StoreDirectory()
    let mask = umask(0)
    defer { umask(mask) }
    let tier = directory.tier()
    _ = try tier.revision()
    #expect(try directory.mode(directory.path + "/deep") == "700")
    #expect(try directory.mode(directory.path + "/deep/er") == "700")
    for name in directory.names { #expect(try directory.mode(directory.path + "/deep/er/" + name) == "600", "\(name)") }
    #expect(directory.names.contains("linernotes.db-wal") && directory.names.contains("linernotes.db-shm"))
  }

  @Test func `it is never below the document root, not even through a link`() throws {
    let directory = StoreDirectory()
    let manager = FileManager.default
    try manager.createDirectory(atPath: directory.path + "/site/data", withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: directory.path + "/link", withDestinationPath: directory.path + "/site/data")
    for path in ["/site/data/s/linernotes.db", "/link/linernotes.db", "/site/linernotes.db"] {
      let tier = directory.tier {
        $0.path = directory.path + path
        $0.documentRoot = directory.path + "/site"
      }
      let error = #expect(throws: SourceError.self) { try tier.revision() }
      #expect(error?.reason.contains("DOCUMENT_ROOT") ?? false)
      #expect(!manager.fileExists(atPath: directory.path + path))
    }
    let beside = directory.tier {
      $0.path = directory.path + "/site-state/linernotes.db"
      $0.documentRoot = directory.path + "/site"
    }
    #expect(throws: Never.self) { try beside.revision() }
  }
}
