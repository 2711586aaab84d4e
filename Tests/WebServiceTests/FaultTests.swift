import Cache
import Core
import Foundation
import Metadata
import Testing

@testable import WebService

/// Whatever the server does: the whole truth, or an error; never a short list, never a wrong 404, never too fast.
///
/// A quarter of all faults in all places is tried, and all of them with `LINERNOTES_ALL_FAULTS=1`.
@Suite(.serialized) struct FaultTests {
  static let kinds = [
    "busy", "limited", "error200", "html500", "html502", "html503", "html429", "404", "reset", "cut", "garbage", "hang",
    "short", "empty", "grow", "shrink", "nocount", "twice", "stale",
  ]

  /// Where a fault is, and what it may spoil.
  struct Place {
    let pattern: String
    let entity: EntityID
  }

  /// With one album of many releases.
  static let artist: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
  /// With so many that its releases are looked for together.
  static let busyArtist: MBID = "ff3e88b3-7354-4f30-967c-1a61ebc8c642"
  /// More than 500 tracks, so that its releases come in two pages.
  static let album: MBID = "a51c6300-b1c7-5e54-97fc-cda27a0b2786"
  static let places = [
    Place(pattern: "/artist/", entity: .artist(artist)),
    Place(pattern: "/release-group\\?artist=.*", entity: .artist(artist)),
    Place(pattern: "/release\\?release-group=.*offset=0", entity: .artist(artist)),
    Place(pattern: "/release-group\\?query=.*", entity: .artist(busyArtist)),
    Place(pattern: "/release\\?artist=.*", entity: .artist(busyArtist)),
    Place(pattern: "/release-group/", entity: .album(album)),
    Place(pattern: "/release\\?release-group=.*offset=0", entity: .album(album)),
    Place(pattern: "/release\\?release-group=.*offset=27", entity: .album(album)),
  ]
  static let interval = 30

  struct Fault: CustomTestStringConvertible {
    let kind: String
    let place: Place
    var testDescription: String { "\(kind) at \(place.pattern)" }
  }

  static let faults = kinds.enumerated().flatMap { kindNumber, kind in
    places.enumerated().compactMap { placeNumber, place -> Fault? in
      // It would be true.
      if kind == "404", place.pattern.hasSuffix("/") { return nil }
      let isSearch = place.pattern.contains("query")
      guard !isSearch || !["grow", "shrink", "nocount"].contains(kind), kind != "stale" || isSearch else { return nil }
      let isTried = kind == "stale" || (kindNumber + placeNumber) % 4 == 0
      return isTried || ProcessInfo.processInfo.environment["LINERNOTES_ALL_FAULTS"] != nil
        ? Fault(kind: kind, place: place) : nil
    }
  }

  enum Found: Equatable {
    case artist(Discography)
    case album(Album)
  }

  /// One for all cases, which run one after the other: it takes a second to start, and another for its first answers.
  private nonisolated(unsafe) static var started: RecordedServer?
  private nonisolated(unsafe) static var truths: [EntityID: Found] = [:]
  let server: RecordedServer

  init() throws {
    server = try Self.started ?? RecordedServer(["--hang", "3"])
    Self.started = server
    try server.reset()
  }

  func find(_ entity: EntityID, _ service: Service, milliseconds: Int = 20_000) throws -> Found? {
    let deadline = Deadline.after(milliseconds: milliseconds)
    return switch entity {
    case .artist(let id):
      try service.source.discographies([id], albumless: [], by: deadline)[id].map { .artist($0) }
    case .album(let id): try service.source.albums([id], by: deadline)[id].map { .album($0) }
    }
  }

  func truth(_ entity: EntityID) throws -> Found {
    if let known = Self.truths[entity] { return known }
    let found = try #require(try find(entity, service()))
    Self.truths[entity] = found
    return found
  }

  func service(timeout: Int = 20_000) -> Service { Service(server.url, interval: Self.interval, timeout: timeout) }

  @Test(arguments: faults)
  func `a fault that passes delays an answer and changes nothing in it`(_ fault: Fault) throws {
    let truth = try truth(fault.place.entity)
    try server.reset()
    try server.fail("\(fault.place.pattern)=\(fault.kind):1")
    let service = service(timeout: 2_000)
    var found: Found?
    for _ in 0..<4 where found == nil {
      do {
        found = try find(fault.place.entity, service)
        #expect(found != nil, "a wrong 404")
      } catch is SourceError {}
    }
    #expect(found == truth)
    // One that hangs may not have been noted yet.
    #expect(try fault.kind == "hang" || server.log().contains { $0.how == "fault: \(fault.kind)" })
    #expect(try server.leastGap() > Double(Self.interval - 20))
  }

  @Test(arguments: faults)
  func `a fault that stays is an error`(_ fault: Fault) throws {
    let truth = try truth(fault.place.entity)
    try server.reset()
    try server.fail("\(fault.place.pattern)=\(fault.kind)")
    let service = service(timeout: 2_000)
    // The search only saves requests.
    if fault.place.pattern.contains("query") {
      #expect(try find(fault.place.entity, service) == truth)
    } else {
      // What a fault cannot spoil is answered as ever: an artist has no pages, and a half of one is one.
      let found = Result { try find(fault.place.entity, service, milliseconds: 1_200) }
      if case .success(let found) = found { #expect(found == truth) }
    }
    #expect(try server.leastGap() > Double(Self.interval - 20))
  }
}
