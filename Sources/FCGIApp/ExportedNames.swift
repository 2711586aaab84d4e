internal import Core
internal import Dataset
internal import Metadata
internal import Search

/// What artists and albums are called, gathered for the file that they are exported to.
final class ExportedNames: NameKeeper {
  private let writer: NameSectionWriter
  private let outlet = Outlet()
  /// Albums are credited to these.
  private var artists: [MBID: String] = [:]

  /// Where the bytes go once there are any.
  private final class Outlet {
    var append: (([UInt8]) throws(SourceError) -> Void)?
  }

  private static let memory = 256 << 20

  /// - Parameters:
  ///   - path: the file; scratch files go beside it.
  ///   - excluded: artists that stand for none.
  init(beside path: String, excluded: Set<MBID>) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    writer = NameSectionWriter(
      scratch: folder.isEmpty ? "/" : folder, memory: ExportedNames.memory, excluded: excluded
    ) { [outlet] bytes throws(SourceError) in
      try outlet.append?(bytes)
    }
  }

  func keep(_ artist: Artist) throws(SourceError) {
    artists[artist.id] = artist.name
    try writer.add(ArtistNames(artist))
  }

  func keep(_ album: Album) throws(SourceError) {
    try writer.add(AlbumNames(album, credit: artists[album.artistID] ?? ""))
  }

  /// Takes all names that a source has, in place of those of what is exported.
  func addAll(of source: any NameSource) throws(SourceError) { try writer.addAll(of: source) { _, _ in } }

  var contents: DatasetWriter.SectionContents {
    { [self] append throws(SourceError) in
      outlet.append = append
      defer { outlet.append = nil }
      let summary = try writer.finish()
      return summary.artists + summary.albums
    }
  }
}
