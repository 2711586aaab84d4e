import Core
import HTTP
import Metadata

@testable import MusicBrainz
@testable import Providers

/// An album's releases with their images: as the database has them, as MusicBrainz' web service tells of them, and as the
/// Cover Art Archive lists them.
struct CoverShelf: CustomStringConvertible {
  struct Image {
    var id: Int64
    var types: [String]

    var isRaw: Bool { types.contains("Raw/Unedited") }
  }

  struct Entry {
    var id: MBID
    var status: String?
    var date = PartialDate.unknown
    var isChosen = false
    var isDarkened = false
    /// In their order.
    var images: [Image] = []

    var front: Image? { images.first { $0.types.contains("Front") } }
  }

  static let group: MBID = "b0000000-0000-4000-8000-000000000001"
  static let api = "https://coverartarchive.org"

  var entries: [Entry]

  var description: String { entries.map { "\($0)" }.joined(separator: "\n") }

  // MARK: - The database

  /// The album with the covers that the database's rows give it.
  func databaseAlbum() throws -> Album? {
    var assembly = AlbumAssembly()
    assembly.add(group: Album(id: Self.group, title: "T", artistID: Self.group), id: 1, asked: Self.group)
    for (index, entry) in entries.enumerated() {
      var release = Release(id: entry.id, title: "T")
      release.status = entry.status
      assembly.add(release: release, id: index, group: 1)
      assembly.add(event: entry.date, country: nil, release: index)
      guard !entry.isDarkened else { continue }
      for type in ["Front", "Medium"] {
        let images = entry.images.filter { $0.types.contains(type) }
        guard let image = images.first(where: { !$0.isRaw }) ?? images.first else { continue }
        assembly.add(
          image: image.id, isFront: type == "Front", isChosenCover: entry.isChosen, isRaw: image.isRaw, release: index)
      }
    }
    return try assembly.albums()[Self.group]
  }

  // MARK: - The web service

  /// The album with what the web service tells of its images.
  func webAlbum() throws -> Album? {
    guard var album = try databaseAlbum() else { return nil }
    (album.frontCover, album.mediumCover) = (nil, nil)
    for index in album.releases.indices {
      guard let entry = entries.first(where: { $0.id == album.releases[index].id }) else { continue }
      album.releases[index].artwork = ReleaseArtwork(
        hasFront: entry.front != nil, hasBack: entry.images.contains { $0.types.contains("Back") },
        count: entry.images.count, isDarkened: entry.isDarkened)
    }
    return album
  }

  // MARK: - The archive

  /// The archive's answer, by its own rule for groups: the editors' choice, else a clean front before a raw one, then by
  /// date. It forgets there that some are darkened.
  func answer(_ url: String) -> HTTPResponse {
    let path = url.dropFirst(Self.api.count + 1).split(separator: "/")
    guard url.hasPrefix(Self.api), path.count == 2 else { return .text("", status: 500) }
    func rank(_ entry: Entry) -> [Int] {
      [
        entry.isChosen ? 0 : 1, entry.front?.isRaw == true ? 1 : 0, entry.date.year ?? .max, entry.date.month ?? .max,
        entry.date.day ?? .max,
      ]
    }
    let entry =
      path[0] == "release"
      ? entries.first { $0.id.description == path[1] && !$0.images.isEmpty }
      : entries.filter { $0.front != nil }.min { rank($0).lexicographicallyPrecedes(rank($1)) }
    guard let entry else { return .body("caa-not-found-404.html", status: 404) }
    guard !entry.isDarkened else { return .text("<h1>403 Forbidden</h1>", status: 403) }
    let images = entry.images.map { image in
      let types = image.types.map { "\"\($0)\"" }.joined(separator: ",")
      return #"{"types":[\#(types)],"front":\#(image.id == entry.front?.id),"id":\#(image.id)}"#
    }
    return .text(
      #"{"images":[\#(images.joined(separator: ","))],"release":"https://musicbrainz.org/release/\#(entry.id)"}"#)
  }
}
