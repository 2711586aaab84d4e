import Core
import Foundation
import Metadata
import TestMusicBrainz
import Testing

@testable import MusicBrainz
@testable import Postgres

/// What a database tells of everything it ever had.
private struct World {
  struct Ids {
    var artists: Set<MBID> = []
    var albums: Set<MBID> = []
    var series: Set<MBID> = []
    var spotify: Set<String> = []
  }

  enum Told<Content: Equatable>: Equatable {
    case content(Content)
    case moved(MBID)
  }

  var artists: [MBID: Told<Artist>] = [:]
  var discographies: [MBID: Told<[AlbumSummary]>] = [:]
  var albums: [MBID: Told<Album>] = [:]
  var series: [MBID: [SeriesEntry]] = [:]
  var spotify: [String: Set<String>] = [:]

  init(_ database: MusicBrainzDatabase, _ ids: Ids) throws {
    let deadline = Deadline.after(milliseconds: 120_000)
    for (id, artist) in try database.artists(Array(ids.artists), by: deadline) {
      artists[id] = artist.id == id ? .content(artist) : .moved(artist.id)
    }
    for (id, list) in try database.discographies(Array(ids.artists), albumless: [], by: deadline) {
      discographies[id] = list.artist.id == id ? .content(list.albums) : .moved(list.artist.id)
    }
    for (id, album) in try database.albums(Array(ids.albums), by: deadline) {
      albums[id] = album.id == id ? .content(album) : .moved(album.id)
    }
    for id in ids.series {
      let entries = try database.series(id, by: deadline)
      if !entries.isEmpty { series[id] = entries }
    }
    for link in try database.links(toSpotify: ids.spotify.compactMap { SpotifyID($0) }, by: deadline) {
      spotify["\(link.kind) \(link.id)", default: []].insert(link.target.description)
    }
  }

  /// What is told of some documents.
  func text(of changes: EntityChanges) -> String {
    var text = ""
    for id in changes.artists { text += "\(String(describing: artists[id]))\n" }
    for id in changes.discographies { text += "\(String(describing: discographies[id]))\n" }
    for id in changes.albums { text += "\(String(describing: albums[id]))\n" }
    for id in changes.series { text += "\(String(describing: series[id]))\n" }
    for id in changes.spotifyArtists.union(changes.spotifyAlbums) {
      text += "\(spotify["artist \(id)"] ?? []), \(spotify["album \(id)"] ?? [])\n"
    }
    return text
  }

  /// What differs.
  static func - (left: World, right: World) -> EntityChanges {
    func differing<Key, Content: Equatable>(_ first: [Key: Content], _ second: [Key: Content]) -> Set<Key> {
      Set(first.keys).union(second.keys).filter { first[$0] != second[$0] }
    }
    var changes = EntityChanges()
    changes.artists = differing(left.artists, right.artists)
    changes.discographies = differing(left.discographies, right.discographies)
    changes.albums = differing(left.albums, right.albums)
    changes.series = differing(left.series, right.series)
    for key in differing(left.spotify, right.spotify) {
      let id = String(key.split(separator: " ")[1])
      if key.hasPrefix("artist") { changes.spotifyArtists.insert(id) } else { changes.spotifyAlbums.insert(id) }
    }
    return changes
  }
}

extension DatabaseTests {
  @Suite struct RandomEditTests {
    private static func ids(_ mirror: MirrorDatabase) throws -> World.Ids {
      var ids = World.Ids()
      let answer = try mirror.run(
        """
        SELECT 'a ' || gid FROM artist UNION SELECT 'a ' || gid FROM artist_gid_redirect
        UNION SELECT 'g ' || gid FROM release_group UNION SELECT 'g ' || gid FROM release_group_gid_redirect
        UNION SELECT 's ' || gid FROM series UNION SELECT 's ' || gid FROM series_gid_redirect
        UNION SELECT 'u ' || split_part(url, '/', 5) FROM url WHERE url LIKE '%://open.spotify.com/a%'
        """)
      for line in answer.split(separator: "\n") {
        let id = line.dropFirst(2)
        switch line.first {
        case "a": ids.artists.insert(try #require(MBID(id)))
        case "g": ids.albums.insert(try #require(MBID(id)))
        case "s": ids.series.insert(try #require(MBID(id)))
        default: ids.spotify.insert(String(id))
        }
      }
      return ids
    }

    /// The strongest test: whatever is edited, no document differs that nobody was told of, and few are told that do not
    /// differ. `LINERNOTES_CHANGES_SEED` sets another seed, `LINERNOTES_CHANGES_ROUNDS` how many packets.
    @Test func `no document changes without being told, whatever is edited`() throws {
      let environment = ProcessInfo.processInfo.environment
      let seed = UInt64(environment["LINERNOTES_CHANGES_SEED"] ?? "") ?? 24
      let rounds = Int(environment["LINERNOTES_CHANGES_ROUNDS"] ?? "") ?? 40
      let master = try TestDatabase.master("random")
      let packets = try MirrorDatabase("\(master.name)_packets", of: master)
      try packets.install("create-indices", ["indexes=off"])
      let rows = try MirrorDatabase("\(master.name)_rows", of: master)
      try rows.install("create-indices", ["indexes=off", "packets=off"])
      try rows.install("create-row-triggers")
      let consumers = try [Consumer(packets), Consumer(rows)]

      var generator = EditGenerator(seed: seed)
      var ids = try Self.ids(packets)
      var before = try World(consumers[0].database, ids)
      var (changed, told) = (0, 0)
      for round in 1...rounds {
        let edits = generator.edits(1 + generator.number(below: 12))
        let packet = try master.packet(after: edits.sql)
        let tool = MirrorDatabase.Tool.allCases[generator.number(below: 2)]
        let limit = 1 + generator.number(below: 60)
        for consumer in consumers { try consumer.mirror.replicate(packet, by: tool) }
        let now = try Self.ids(packets)
        ids.artists.formUnion(now.artists)
        ids.albums.formUnion(now.albums)
        ids.series.formUnion(now.series)
        ids.spotify.formUnion(now.spotify)
        let after = try World(consumers[0].database, ids)
        let difference = after - before
        for consumer in consumers {
          let batch = try consumer.read(limit: limit)
          let missed = difference - batch.changes
          #expect(
            missed.isEmpty,
            "seed \(seed), round \(round), \(consumer.mirror.name): not told of \(missed.text), after \(edits.names)")
          if !missed.isEmpty { print("was: \(before.text(of: missed))is:  \(after.text(of: missed))") }
          #expect(!batch.hasGap, "seed \(seed), round \(round), after \(edits.names)")
          if consumer === consumers[0] {
            changed += difference.count
            told += batch.changes.count
            let more = batch.changes - difference
            if environment["LINERNOTES_CHANGES_SEED"] != nil, !more.isEmpty {
              print("round \(round): needlessly told of \(more.text), after \(edits.names)")
            }
          }
        }
        before = after
      }
      print("seed \(seed): \(changed) documents changed, \(told) were told")
      #expect(changed > 5 * rounds / 2)
      #expect(told <= changed + changed / 5, "\(changed) documents changed, \(told) were told")
    }
  }
}
