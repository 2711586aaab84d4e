import Core
import Foundation
import Metadata
import Testing

@testable import Messages

@Suite struct AnnouncementReaderTests {
  static let artist: MBID = "83d91898-7763-47d7-b03b-b92132375c47"
  static let album: MBID = "f5093c06-23e3-404f-aeaa-40f72885ee3a"

  func read(_ text: String, about: AnnouncedEntity? = nil) throws -> Announcement {
    try AnnouncementReader(about: about).read(Array(text.utf8))
  }

  static func told(_ fill: (inout Announcement) -> Void) -> Announcement {
    var told = Announcement()
    fill(&told)
    return told
  }

  static let changedArtist = told {
    $0.changes.artists = [artist]
    $0.changes.discographies = [artist]
  }

  @Test(arguments: [
    "83d91898-7763-47d7-b03b-b92132375c47", " 83D91898-7763-47D7-B03B-B92132375C47\n",
    #""83d91898-7763-47d7-b03b-b92132375c47""#, #"{"gid":"83d91898-7763-47d7-b03b-b92132375c47","id":7}"#,
    #"{"mbid":"83d91898-7763-47d7-b03b-b92132375c47"}"#, #"{"id":"83d91898-7763-47d7-b03b-b92132375c47"}"#,
    #"["83d91898-7763-47d7-b03b-b92132375c47"]"#, #"[{"mbid":"83d91898-7763-47d7-b03b-b92132375c47"}]"#,
    #"{"ids":["83d91898-7763-47d7-b03b-b92132375c47"]}"#, "artist 83d91898-7763-47d7-b03b-b92132375c47",
    #"{"type":"Artist","gid":"83d91898-7763-47d7-b03b-b92132375c47"}"#,
    "83d91898-7763-47d7-b03b-b92132375c47, 83d91898-7763-47d7-b03b-b92132375c47",
  ])
  func `an artist is announced in many ways`(_ body: String) throws {
    #expect(try read(body, about: .artist) == Self.changedArtist)
  }

  @Test func `numbers are rows, and a message may be about something else than its queue`() throws {
    #expect(try read("7 8", about: .artist) == Self.told { $0.rows.artists = [7, 8] })
    #expect(try read("[7, \"8\"]", about: .album) == Self.told { $0.rows.albums = [7, 8] })
    #expect(try read("release-group 30 31", about: .artist) == Self.told { $0.rows.albums = [30, 31] })
    #expect(try read(#"{"entity":"release_group","id":30}"#, about: .artist) == Self.told { $0.rows.albums = [30] })
    #expect(
      try read("\(Self.album)", about: .album)
        == Self.told {
          $0.changes.albums = [Self.album]
          $0.rows.albumIDs = [Self.album]
        })
    #expect(try read("work 30", about: .artist) == .nothing)
  }

  /// Copied from what the triggers of MusicBrainz' search index have published.
  static let examples: JSONValue = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Bodies/search-index-messages.json")
    return (try? Data(contentsOf: file)).flatMap { JSONValue($0) } ?? .null
  }()

  @Test func `what the search index' triggers say is understood`() throws {
    let gone: MBID = "0a1b2c3d-1111-4222-8333-444455556666"
    let expected = [
      Self.told { $0.rows.artists = [2_718_281] }, Self.told { $0.rows.albums = [3_141_592] },
      .nothing, Self.told { $0.rows.artists = [7] }, Self.told { $0.rows.artists = [7] },
      Self.told { $0.rows.albums = [3_141_592] },
      Self.told {
        $0.rows.releases = [40]
        $0.rows.releaseIDs = [gone]
      }, Self.told { $0.rows.albums = [3_141_592] },
    ]
    let messages = try #require(Self.member("messages"))
    #expect(messages.count == expected.count)
    for (message, expected) in zip(messages, expected) {
      #expect(try read(json(message["body"])) == expected, "\(message)")
    }
    let older = try #require(Self.member("older_text_form"))
    #expect(
      try older.map { try read($0["body"].text ?? "") } == [
        Self.told { $0.rows.albums = [30, 31] }, Self.told { $0.rows.artists = [7] },
        Self.told {
          $0.changes.artists = ["a0f927ef-80a9-4ce9-b5a9-4c412e092897"]
          $0.changes.discographies = ["a0f927ef-80a9-4ce9-b5a9-4c412e092897"]
        },
      ])
  }

  private static func member(_ name: String) -> [JSONValue]? {
    let elements = examples[name].elements
    return elements.isEmpty ? nil : elements
  }

  private func json(_ value: JSONValue) -> String {
    let members = value.members.map { name, value in
      switch value {
      case .number(let text): "\"\(name)\":\(text)"
      case .string(let text): "\"\(name)\":\"\(text)\""
      default: "\"\(name)\":null"
      }
    }
    return "{\(members.joined(separator: ","))}"
  }

  @Test func `what cannot be understood is poison, but for tables that no document shows`() throws {
    for body in try #require(Self.member("poison")).compactMap(\.text) {
      if body.contains("no_such_table") {
        #expect(try read(body) == .nothing)
      } else {
        #expect(throws: PoisonedMessage.self, "\(body)") { try read(body) }
      }
    }
    for body in [
      "artist 0", "artist -1", "artist 99999999999", "artist 7 x", "[[7]]", "[]", "{}", #"{"id":{}}"#, "x 7 y",
      "Ünit 7",
      #"{"_table":"artist","id":"seven"}"#, #"{"_table":"artist","gid":"x"}"#, #"{"_table":"artist_tag","id":7}"#,
      String(repeating: "7 ", count: 10_001), "[\(String(repeating: "7,", count: 10_000))7]",
    ] {
      #expect(throws: PoisonedMessage.self, "\(body.prefix(40))") { try read(body, about: .artist) }
    }
  }

  @Test func `a row that is gone still says where it was`() throws {
    #expect(
      try read(#"{"_table":"release","_operation":"delete","id":4,"release_group":9}"#)
        == Self.told {
          $0.rows.releases = [4]
          $0.rows.albums = [9]
        })
    #expect(
      try read(#"{"_table":"release_group","_operation":"delete","id":4,"gid":"\#(Self.album)"}"#)
        == Self.told {
          $0.rows.albums = [4]
          $0.changes.albums = [Self.album]
          $0.rows.albumIDs = [Self.album]
        })
  }
}
