internal import Core
internal import Metadata

/// What a message says has changed.
struct Announcement: Equatable {
  /// Known by the message alone.
  var changes = EntityChanges()
  /// Known to the MusicBrainz database.
  var rows = RowKeys()

  /// That something was said which no document shows.
  static let nothing = Announcement()

  var isEmpty: Bool { changes.isEmpty && rows.isEmpty }

  mutating func add(_ other: Announcement) {
    changes.add(other.changes)
    rows.add(other.rows)
  }
}

/// Why a message says nothing that can be understood.
struct PoisonedMessage: Error, Equatable {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A number of a row, or an MBID.
enum AnnouncedID {
  case row(Int64)
  case entity(MBID)

  init?(_ text: some StringProtocol) {
    if let id = MBID(Substring(text)) {
      self = .entity(id)
    } else if let number = Int64(text), AnnouncedID.isRow(number) {
      self = .row(number)
    } else {
      return nil
    }
  }

  init?(_ json: JSONValue) {
    switch json {
    case .number(let text), .string(let text): self.init(text)
    default: return nil
    }
  }

  /// MusicBrainz' keys are 32-bit numbers, counted from 1.
  static func isRow(_ number: Int64) -> Bool { (1...Int64(Int32.max)).contains(number) }
}

/// What a message may be about.
enum AnnouncedEntity: String {
  case artist
  case album
  case release
  case recording
  case series

  /// In the words of MusicBrainz, its search index and Lidarr.
  init?(word: some StringProtocol) {
    guard word.utf8.count <= 40 else { return nil }
    switch word.lowercased().replacing("_", with: "-") {
    case "artist": self = .artist
    case "release-group", "album": self = .album
    case "release": self = .release
    case "recording": self = .recording
    case "series": self = .series
    default: return nil
    }
  }

  /// That it changed, nobody says how.
  func announcement(_ id: AnnouncedID) -> Announcement {
    var told = Announcement()
    switch (self, id) {
    case (.artist, .row(let row)): told.rows.artists = [row]
    case (.artist, .entity(let id)):
      told.changes.artists = [id]
      told.changes.discographies = [id]
    case (.album, .row(let row)): told.rows.albums = [row]
    case (.album, .entity(let id)):
      told.changes.albums = [id]
      told.rows.albumIDs = [id]
    case (.release, .row(let row)): told.rows.releases = [row]
    case (.release, .entity(let id)): told.rows.releaseIDs = [id]
    case (.recording, .row(let row)): told.rows.recordings = [row]
    // No document is found by it, and the change feed tells of it.
    case (.recording, .entity): break
    case (.series, .row(let row)): told.rows.series = [row]
    case (.series, .entity(let id)): told.changes.series = [id]
    }
    return told
  }
}
