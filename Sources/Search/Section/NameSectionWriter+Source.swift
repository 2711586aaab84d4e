public import Core
public import Metadata

extension NameSectionWriter {
  private static let page = 20_000
  /// For one question to the source, in milliseconds.
  private static let stepMilliseconds = 3_600_000

  /// Adds all names that a source has.
  /// - Parameter report: hears how many artists and albums have been added.
  public func addAll(
    of source: any NameSource, _ report: (_ artists: Int, _ albums: Int) -> Void
  ) throws(SourceError) {
    var counts = (artists: 0, albums: 0)
    for kind in EntityID.Kind.allCases {
      var last = 0
      while true {
        let deadline = Deadline.after(milliseconds: NameSectionWriter.stepMilliseconds)
        let keys = try source.keys(of: kind, after: last, limit: NameSectionWriter.page, by: deadline)
        guard let end = keys.last else { break }
        last = end
        switch kind {
        case .artist:
          for artist in try source.artistNames(keys, by: deadline) { try add(artist) }
          counts.artists += keys.count
        case .album:
          for album in try source.albumNames(keys, by: deadline) { try add(album) }
          counts.albums += keys.count
        }
        report(counts.artists, counts.albums)
      }
    }
  }
}
