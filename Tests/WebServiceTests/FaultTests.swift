import Cache
import Core
import Metadata
import Testing

@testable import WebService

/// Whatever the server does: the whole truth, or an error; never a short list, never a wrong 404, never too fast.
@Suite(.serialized) struct FaultTests {
  static let kinds = [
    "busy", "limited", "error200", "html500", "html502", "html503", "html429", "404", "reset", "cut", "garbage", "hang",
    "short", "empty", "grow", "shrink", "nocount", "twice",
  ]
  /// Look-ups, lists of groups, and the first and the second page of a list of releases.
  static let places = [
    "/artist/", "/release-group\\?artist=.*", "/release\\?release-group=.*offset=0",
    "/release\\?release-group=.*offset=27",
  ]
  static let artist: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
  /// More than 500 tracks, so that its releases come in two pages.
  static let album: MBID = "a51c6300-b1c7-5e54-97fc-cda27a0b2786"
  static let interval = 30

  /// One for all cases, which run one after the other: it takes a second to start, and another for its first answers.
  private nonisolated(unsafe) static var started: RecordedServer?
  let server: RecordedServer

  init() throws {
    server = try Self.started ?? RecordedServer(["--hang", "3"])
    Self.started = server
    try server.reset()
  }

  func discography(_ service: Service, milliseconds: Int = 20_000) throws -> Discography? {
    try service.source.discographies([Self.artist], albumless: [], by: .after(milliseconds: milliseconds))[Self.artist]
  }

  func album(_ service: Service, milliseconds: Int = 20_000) throws -> Album? {
    try service.source.albums([Self.album], by: .after(milliseconds: milliseconds))[Self.album]
  }

  func service(timeout: Int = 20_000) -> Service { Service(server.url, interval: Self.interval, timeout: timeout) }

  @Test(arguments: kinds)
  func `a fault that passes delays an answer and changes nothing in it`(_ kind: String) throws {
    let truth = (try #require(try discography(service())), try #require(try album(service())))
    for place in Self.places where !(kind == "404" && place == "/artist/") {
      try server.reset()
      try server.fail("\(place)=\(kind):1")
      let service = service(timeout: 2_000)
      var found: Discography?
      for _ in 0..<4 where found == nil {
        do {
          found = try discography(service)
          #expect(found != nil, "\(kind) \(place): a wrong 404")
        } catch is SourceError {}
      }
      #expect(found == truth.0, "\(kind) \(place)")
      var album: Album?
      for _ in 0..<4 where album == nil {
        do {
          album = try self.album(service)
          #expect(album != nil, "\(kind) \(place): a wrong 404")
        } catch is SourceError {}
      }
      #expect(album == truth.1, "\(kind) \(place)")
      // One that hangs may not have been noted yet.
      #expect(try kind == "hang" || server.log().contains { $0.how == "fault: \(kind)" }, "\(kind) \(place)")
      #expect(try server.leastGap() > Double(Self.interval - 20), "\(kind) \(place)")
    }
  }

  @Test(arguments: kinds)
  func `a fault that stays is an error`(_ kind: String) throws {
    let truth = (try discography(service()), try album(service()))
    for place in Self.places where !(kind == "404" && place == "/artist/") {
      try server.reset()
      try server.fail("\(place)=\(kind)")
      let service = service(timeout: 2_000)
      // What a fault cannot spoil is answered as ever: an artist has no pages, and a half of one is one.
      let found = Result { try discography(service, milliseconds: 1_200) }
      if case .success(let found) = found { #expect(found == truth.0, "\(kind) \(place)") }
      let album = Result { try self.album(service, milliseconds: 1_200) }
      if case .success(let album) = album { #expect(album == truth.1, "\(kind) \(place)") }
      #expect(try server.leastGap() > Double(Self.interval - 20), "\(kind) \(place)")
    }
  }
}
