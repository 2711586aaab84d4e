internal import Core

/// What rows refer to by key, in memory: small tables, and of large ones what others need of them.
struct DumpKeys: Sendable {
  // Names by key.
  var artistTypes: [Int: String] = [:]
  var primaryTypes: [Int: String] = [:]
  var secondaryTypes: [Int: String] = [:]
  var statuses: [Int: String] = [:]
  var formats: [Int: String] = [:]
  var areas: [Int: String] = [:]
  var labels = KeyedTexts()
  /// The types of aliases that are shown, as in `artists.sql` and `albums.sql`.
  var artistNameType: Int?
  var groupNameType: Int?
  var genres: Set<[UInt8]> = []
  /// Of tags that are genres.
  var genreOfTag: [Int: String] = [:]

  var artists = KeyedArray<MBID>(nothing: DumpKeys.noID)
  /// The first artist of each artist credit.
  var artistOfCredit = KeyedArray<UInt32>(nothing: 0)
  var creditNames = KeyedTexts()
  var creditReferences = KeyedArray<UInt32>(nothing: 0)
  var groupOfRelease = KeyedArray<UInt32>(nothing: 0)
  var releaseOfMedium = KeyedArray<UInt32>(nothing: 0)
  var recordings = KeyedArray<Recording>(nothing: Recording(id: DumpKeys.noID, length: nil, isVideo: false))

  // Ids that were merged, by the key of the survivor.
  var mergedArtists = KeyedLists<MBID>()
  var mergedGroups = KeyedLists<MBID>()
  var mergedReleases = KeyedLists<MBID>()
  var mergedTracks = KeyedLists<MBID>()
  var mergedRecordings = KeyedLists<MBID>()
  var mergedSeries = KeyedLists<MBID>()

  /// Images by release, and which releases' covers editors chose, by release group.
  var images = KeyedLists<Image>()
  var chosenCovers: [Int: Int] = [:]
  var darkened: Set<Int> = []

  static let noID = MBID(high: 0, low: 0)

  struct Recording: Sendable {
    var id: MBID
    /// Bit 31: whether it is a video; the rest: its length in milliseconds and 1 more, 0 for an unknown one.
    private var bits: UInt32

    init(id: MBID, length: Int?, isVideo: Bool) {
      self.id = id
      bits = (length.map { UInt32(min(max(0, $0), Int(Int32.max) - 1)) + 1 } ?? 0) | (isVideo ? 1 << 31 : 0)
    }

    var length: Int? { bits & 0x7fff_ffff == 0 ? nil : Int(bits & 0x7fff_ffff) - 1 }
    var isVideo: Bool { bits >> 31 == 1 }
  }

  /// An image of a release in the Cover Art Archive, as `album_covers.sql` asks for it.
  struct Image: Sendable {
    var id: Int64
    var ordering: Int32
    var isFront = false
    var isMedium = false
    var isRaw = false
  }

  mutating func sort() {
    mergedArtists.sort()
    mergedGroups.sort()
    mergedReleases.sort()
    mergedTracks.sort()
    mergedRecordings.sort()
    mergedSeries.sort()
    images.sort()
  }
}

extension [MBID] {
  /// In the order in which PostgreSQL sorts UUIDs.
  var inOrder: [MBID] { sorted { ($0.high, $0.low) < ($1.high, $1.low) } }
}

extension [String] {
  /// Each once, in the order of their bytes, as `COLLATE "C"` has them. Swift takes texts for equal that Unicode does.
  var distinctBytewise: [String] {
    var distinct: [String] = []
    for text in sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    where distinct.last?.utf8.elementsEqual(text.utf8) != true {
      distinct.append(text)
    }
    return distinct
  }
}
