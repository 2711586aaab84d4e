internal import Cache
internal import Core
public import Documents

// What MusicBrainz said, as stores keep it, for whoever moves it from one to another.

extension Artist {
  /// - Returns: nil for what this version cannot read, or what lacks something that this version shows.
  public init?(kept document: Document) {
    guard let json = SourceForm.readCurrent(document) else { return nil }
    self.init(source: json)
  }

  public var kept: Document { SourceForm.document(JSONWriter.source(self), expires: UnixTime(seconds: 0)) }
}

extension Album {
  /// - Returns: nil for what this version cannot read, or what lacks something that this version shows.
  public init?(kept document: Document) {
    guard let json = SourceForm.readCurrent(document) else { return nil }
    self.init(source: json)
  }

  public var kept: Document { SourceForm.document(JSONWriter.source(self), expires: UnixTime(seconds: 0)) }
}

extension AlbumSummary {
  /// - Returns: nil for what this version cannot read, or what lacks something that this version shows.
  public static func list(kept document: Document) -> [AlbumSummary]? {
    SourceForm.readCurrent(document).flatMap(AlbumSummary.list(source:))
  }

  public static func kept(_ albums: [AlbumSummary]) -> Document {
    SourceForm.document(JSONWriter.source(albums), expires: UnixTime(seconds: 0))
  }
}

extension SourceForm {
  fileprivate static func readCurrent(_ document: Document) -> JSONValue? {
    read(document).flatMap { isCurrent($0) ? $0 : nil }
  }
}
