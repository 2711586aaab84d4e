import Core
import Foundation
import Metadata
import Testing

@testable import WebService

/// How many requests an artist takes with all its albums and everybody on them.
@Suite struct CostTests {
  /// What it takes at least, by what MusicBrainz answers.
  struct Bound {
    var groupPages = 0
    var releasePages = 0
    /// Groups with releases that are credited to others.
    var unmatched = 0
    /// That bring the artists whom tracks name.
    var covering = 0
    var requests: Int { 2 * groupPages + releasePages + unmatched + covering + 1 }
  }

  func bound(_ artist: MBID, _ albums: [MBID], _ server: RecordedServer) throws -> Bound {
    let client = Service(server.url).source.client
    var bound = Bound()
    bound.groupPages = try asked(server) {
      _ = try client.list(.releaseGroups(of: artist), by: .after(milliseconds: 60_000), Group.init(ws2:))
    }
    var credited: [MBID: Int] = [:]
    bound.releasePages = try asked(server) {
      let found = try client.list(.releases(of: .artist, artist), by: .after(milliseconds: 60_000), Pressing.init(ws2:))
      for pressing in found?.entries ?? [] { credited[pressing.group, default: 0] += 1 }
    }
    var sets: [Set<MBID>] = []
    var missing: Set<MBID> = []
    for album in albums {
      let found = try client.list(
        .releases(of: .releaseGroup, album), by: .after(milliseconds: 60_000), Pressing.init(ws2:))
      let pressings = try #require(found).entries
      if pressings.count != credited[album, default: 0] { bound.unmatched += 1 }
      sets += pressings.map { Set($0.artists + $0.creditedTo) }
      missing.formUnion(pressings.flatMap(\.artists))
    }
    missing.remove(artist)
    while let best = sets.max(by: { $0.intersection(missing).count < $1.intersection(missing).count }), !missing.isEmpty
    {
      missing.subtract(best)
      bound.covering += 1
    }
    return bound
  }

  func asked(_ server: RecordedServer, _ work: () throws -> Void) throws -> Int {
    let before = try logged(server)
    try work()
    return try logged(server) - before
  }

  /// How many requests were logged. One may be after its answer has come.
  private func logged(_ server: RecordedServer) throws -> Int {
    var count = try server.log().count
    while true {
      usleep(50_000)
      let now = try server.log().count
      if now == count { return now }
      count = now
    }
  }

  @Test func `an artist with all its albums takes few requests`() throws {
    let server = try RecordedServer()
    print("albums  requests  bound  two an album  artist")
    for artist in try EqualityTests.column("artist", "gid") {
      let source = Service(server.url).source
      var deadline: Deadline { .after(milliseconds: 60_000) }
      var albums: [MBID] = []
      let requests = try asked(server) {
        albums = try source.discographies([artist], albumless: [], by: deadline)[artist]?.albums.map(\.id) ?? []
        var known: Set<MBID> = [artist]
        for id in albums {
          let album = try #require(try source.albums([id], by: deadline)[id])
          let missing = album.artistIDs.filter { known.insert($0).inserted }
          #expect(try source.artists(missing, by: deadline).count == missing.count)
        }
      }
      guard !albums.isEmpty else { continue }
      let bound = try bound(artist, albums, server)
      let simple = 1 + bound.groupPages + 2 * albums.count + bound.covering
      func column(_ number: Int, _ width: Int) -> String {
        String(repeating: " ", count: width - "\(number)".count) + "\(number)"
      }
      print(
        "\(column(albums.count, 6))  \(column(requests, 8))  \(column(bound.requests, 5))  \(column(simple, 12))  \(artist)"
      )
      #expect(Double(requests) <= 1.1 * Double(bound.requests), "\(artist): \(bound)")
    }
    #expect(try !server.log().contains { $0.how.hasPrefix("inexact") })
  }
}
