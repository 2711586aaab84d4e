public import Core

/// Who publishes charts.
public protocol ChartSource: AnyObject {
  /// Whether there is such a chart at all.
  func has(_ chart: ChartName) -> Bool

  /// The chart's entries, the highest first; several times as many as are asked for, because not all will be matched.
  func entries(of chart: ChartName, by deadline: Deadline) throws(ServiceError) -> [ChartEntry]
}

/// A chart as a client asks for it.
public struct ChartName: Equatable, Sendable {
  public var publisher: String
  public var content: EntityID.Kind
  public var selection: String
  public var count: Int
  /// Whose; nil for everybody's.
  public var user: String?

  public init(publisher: String, content: EntityID.Kind, selection: String, count: Int, user: String? = nil) {
    self.publisher = publisher
    self.content = content
    self.selection = selection
    self.count = count
    self.user = user
  }

  var text: String { "\(publisher)/\(content.rawValue)/\(selection)?count=\(count)&user=\(user ?? "")" }
}

/// One entry, in its publisher's words.
public struct ChartEntry: Equatable, Sendable {
  /// nil in a chart of artists.
  public var title: String?
  public var artist: String
  /// MusicBrainz's ids, where the publisher has them: of the album one of its releases' or its own.
  public var albumID: MBID?
  public var artistID: MBID?

  public init(title: String?, artist: String, albumID: MBID? = nil, artistID: MBID? = nil) {
    self.title = title
    self.artist = artist
    self.albumID = albumID
    self.artistID = artistID
  }

  /// What it may be called in MusicBrainz, the most likely first: without what shops add to titles and artists, and
  /// with the apostrophes that MusicBrainz writes.
  var albumNames: [AlbumName] {
    guard let title else { return [] }
    var names: [AlbumName] = []
    for title in ChartEntry.spellings(of: title, cut: ChartEntry.withoutEdition(title)) {
      for artist in artistNames {
        let name = AlbumName(title: title, artist: artist)
        if !names.contains(name) { names.append(name) }
      }
    }
    return names
  }

  var artistNames: [String] {
    var names = ChartEntry.spellings(of: artist, cut: artist)
    for separator in [" Featuring ", " featuring ", " Feat. ", " feat. ", " With ", " x ", " X ", ", ", " & "] {
      if let range = artist.firstRange(of: separator) {
        let first = String(artist[..<range.lowerBound])
        if !first.isEmpty, !names.contains(first) { names.append(first) }
      }
    }
    return names
  }

  private static func spellings(of text: String, cut: String) -> [String] {
    var result: [String] = []
    for spelling in [text, cut, text.replacing("'", with: "’"), cut.replacing("'", with: "’")]
    where !spelling.isEmpty && !result.contains(spelling) { result.append(spelling) }
    return result
  }

  /// Without "(Deluxe)", "[2019 Remaster]", "- EP" and "- Single" at the end.
  private static func withoutEdition(_ title: String) -> String {
    var title = Substring(title)
    for end in [" - EP", " - Single"] where title.hasSuffix(end) { title = title.dropLast(end.count) }
    for (open, close) in [("(", ")"), ("[", "]")] {
      if title.hasSuffix(close), let start = title.lastIndex(of: Character(open)), start != title.startIndex {
        title = title[..<start]
        while title.last == " " { title.removeLast() }
      }
    }
    return String(title)
  }
}
