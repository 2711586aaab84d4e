public import Core

/// An artist as MusicBrainz has it. Names follow MusicBrainz; how the API spells them is decided in the documents.
public struct Artist: Equatable, Sendable {
  public var id: MBID
  /// Ids that were merged into this artist.
  public var mergedIDs: [MBID] = []
  public var name: String
  public var sortName: String
  /// Aliases of no type or of the type "Artist name"; each once.
  public var aliases: [String] = []
  /// Those of them that are for a locale.
  public var localeAliases: [LocaleAlias] = []
  public var disambiguation: String = ""
  /// `Person`, `Group`, …; nil when MusicBrainz has none.
  public var type: String?
  public var hasEnded: Bool = false
  public var rating: Rating = .none
  /// Targets of the artist's URL relationships.
  public var links: [String] = []
  /// Tags with a positive count that are MusicBrainz genres, most used first, in MusicBrainz's lower case.
  public var genres: [String] = []

  public init(id: MBID, name: String, sortName: String) {
    self.id = id
    self.name = name
    self.sortName = sortName
  }
}

/// What an artist is called where a language is spoken.
public struct LocaleAlias: Equatable, Sendable {
  /// `ja`, `en_GB`, `zh_Hans`, …
  public var locale: String
  public var name: String
  public var sortName: String
  /// Whether it is the one to show there; a locale has one at most.
  public var isPrimary: Bool

  public init(locale: String, name: String, sortName: String, isPrimary: Bool) {
    self.locale = locale
    self.name = name
    self.sortName = sortName
    self.isPrimary = isPrimary
  }
}

/// What the list of an artist's albums tells of one release group.
public struct AlbumSummary: Equatable, Sendable {
  public var id: MBID
  public var mergedIDs: [MBID] = []
  public var title: String
  /// Primary type; nil when MusicBrainz has none.
  public var primaryType: String?
  /// Sorted by name.
  public var secondaryTypes: [String] = []
  /// The distinct statuses of its releases, sorted. An empty string stands for a release without one. Releases all of
  /// whose tracks are videos or data do not count.
  public var statuses: [String] = []
  public var firstReleaseDate: PartialDate = .unknown
  public var rating: Rating = .none

  public init(id: MBID, title: String) {
    self.id = id
    self.title = title
  }
}

/// A release group with everything below it.
public struct Album: Equatable, Sendable {
  public var id: MBID
  public var mergedIDs: [MBID] = []
  public var title: String
  public var disambiguation: String = ""
  /// Aliases of no type or of the type "Release group name", and names of releases that differ from the title;
  /// each once.
  public var aliases: [String] = []
  public var primaryType: String?
  /// Sorted by name.
  public var secondaryTypes: [String] = []
  public var firstReleaseDate: PartialDate = .unknown
  /// The first credited artist.
  public var artistID: MBID
  /// The first credited artist of the release group and of every track that is listed; each once, the group's first.
  public var artistIDs: [MBID] = []
  public var rating: Rating = .none
  public var links: [String] = []
  public var genres: [String] = []
  /// The image to show as the cover, and the one to show as the disc.
  public var frontCover: CoverArt?
  public var mediumCover: CoverArt?
  public var releases: [Release] = []

  public init(id: MBID, title: String, artistID: MBID) {
    self.id = id
    self.title = title
    self.artistID = artistID
  }
}

public struct Release: Equatable, Sendable {
  public var id: MBID
  public var mergedIDs: [MBID] = []
  public var title: String
  public var disambiguation: String = ""
  /// nil when MusicBrainz has none.
  public var status: String?
  /// The earliest release event.
  public var date: PartialDate = .unknown
  /// Sorted by name; each once.
  public var labels: [String] = []
  /// Names of the areas it was released in.
  public var countries: [String] = []
  /// By position.
  public var media: [Medium] = []
  /// Whether MusicBrainz knows any track of it, also one that is not listed. False: nobody has entered them yet.
  public var hasKnownTracks = false
  /// What is in the Cover Art Archive, for sources that do not know which image is which. A source that fills in
  /// ``Album/frontCover`` and ``Album/mediumCover`` itself leaves it nil for every release: then the archive is not asked
  /// about the album.
  public var artwork: ReleaseArtwork?

  public init(id: MBID, title: String) {
    self.id = id
    self.title = title
  }
}

public struct Medium: Equatable, Sendable {
  public var position: Int
  public var name: String = ""
  /// nil when MusicBrainz has none.
  public var format: String?
  /// By position, without video recordings and data tracks.
  public var tracks: [Track] = []

  public init(position: Int) { self.position = position }
}

public struct Track: Equatable, Sendable {
  public var id: MBID
  public var mergedIDs: [MBID] = []
  public var recordingID: MBID
  public var mergedRecordingIDs: [MBID] = []
  /// The first credited artist.
  public var artistID: MBID
  public var title: String
  /// Milliseconds, of the recording where the track has none; nil when unknown.
  public var length: Int?
  /// As printed on the medium: "1", "A2".
  public var number: String
  public var position: Int

  public init(id: MBID, recordingID: MBID, artistID: MBID, title: String, number: String, position: Int) {
    self.id = id
    self.recordingID = recordingID
    self.artistID = artistID
    self.title = title
    self.number = number
    self.position = position
  }
}

/// A rating by MusicBrainz's users. `value` is 0…100, nil when nobody has rated.
public struct Rating: Equatable, Sendable {
  public var count: Int
  public var value: Int?

  public static let none = Rating(count: 0, value: nil)

  public init(count: Int, value: Int?) {
    self.count = count
    self.value = value
  }
}

/// How many images of a release the Cover Art Archive has, and of what kind; not which they are. It is what MusicBrainz'
/// web service says of a release in `cover-art-archive`.
public struct ReleaseArtwork: Equatable, Sendable {
  public var hasFront: Bool
  public var hasBack: Bool
  /// Of all images, the front and the back included.
  public var count: Int

  /// Whether an image may show the medium: there are more than the front and the back.
  public var mayHaveMedium: Bool { count > (hasFront ? 1 : 0) + (hasBack ? 1 : 0) }

  /// - Parameter isDarkened: whether the images must not be shown.
  /// - Returns: nil where there is nothing to show.
  public init?(hasFront: Bool, hasBack: Bool, count: Int, isDarkened: Bool = false) {
    guard !isDarkened, hasFront || count > 0 else { return nil }
    self.hasFront = hasFront
    self.hasBack = hasBack
    self.count = count
  }
}

/// An image in the Cover Art Archive.
public struct CoverArt: Equatable, Sendable {
  public var release: MBID
  public var image: Int64

  public init(release: MBID, image: Int64) {
    self.release = release
    self.image = image
  }
}
