public import Core

/// Rows that do not fit together, such as a track that is credited to nobody.
public struct AssemblyFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// Puts release groups with their releases, media and tracks together from rows: groups first, then what belongs to
/// what was added before. The integers are keys of the database.
public struct AlbumAssembly {
  private var idOfAsked: [MBID: Int] = [:]
  private var groups: [Int: (album: Album, releases: [Int])] = [:]
  private var releases: [ReleaseEntry] = []
  private var releaseIndex: [Int: Int] = [:]
  private var media: [MediumEntry] = []
  private var mediumIndex: [Int: Int] = [:]
  private var artistOfCredit: [Int: MBID] = [:]

  private struct ReleaseEntry {
    var release: Release
    var dates: [PartialDate] = []
    var media: [Int] = []
    var frontImage: Image?
    var mediumImage: Image?
  }

  /// An image of a release in the Cover Art Archive.
  private struct Image {
    var id: Int64
    /// Whether editors chose its release for the cover of the group.
    var isChosen: Bool
    /// Whether it is a scan that nobody has cropped or straightened yet.
    var isRaw: Bool
  }

  private struct MediumEntry {
    var medium: Medium
    var tracks = RowList<TrackKey, Track>(merge: AlbumAssembly.merge)
  }

  /// The order of the tracks on a medium.
  private struct TrackKey: Comparable {
    var position: Int
    var id: Int

    static func < (left: TrackKey, right: TrackKey) -> Bool {
      (left.position, left.id) < (right.position, right.id)
    }
  }

  public init() {}

  public mutating func add(group album: Album, id: Int, asked: MBID) {
    idOfAsked[asked] = id
    guard groups[id] == nil else { return }
    var album = album
    album.artistIDs = [album.artistID]
    groups[id] = (album, [])
  }

  /// Adds a release, or one more merged id of the release that was added last.
  public mutating func add(release: Release, id: Int, group: Int) {
    if let known = releaseIndex[id] {
      releases[known].release.mergedIDs += release.mergedIDs
      return
    }
    releaseIndex[id] = releases.count
    groups[group]?.releases.append(releases.count)
    releases.append(ReleaseEntry(release: release))
  }

  public mutating func add(event date: PartialDate, country: String?, release: Int) {
    guard let index = releaseIndex[release] else { return }
    releases[index].dates.append(date)
    if let country, !releases[index].release.countries.contains(country) {
      releases[index].release.countries.append(country)
    }
  }

  public mutating func add(label: String, release: Int) {
    guard let index = releaseIndex[release] else { return }
    releases[index].release.labels.append(label)
  }

  public mutating func add(medium: Medium, id: Int, release: Int) {
    guard let index = releaseIndex[release] else { return }
    mediumIndex[id] = media.count
    releases[index].media.append(media.count)
    media.append(MediumEntry(medium: medium))
  }

  public mutating func add(credit: Int, firstArtist artist: MBID, group: Int) {
    artistOfCredit[credit] = artist
    // The rows come in the order of the artists, so that one that is repeated is the last or the group's own.
    guard let known = groups[group]?.album.artistIDs, known.last != artist, known.first != artist else { return }
    groups[group]?.album.artistIDs.append(artist)
  }

  public func firstArtist(ofCredit credit: Int) throws(AssemblyFailure) -> MBID {
    guard let artist = artistOfCredit[credit] else {
      throw AssemblyFailure("a track is credited to nobody")
    }
    return artist
  }

  /// Adds a track, or one more merged id of a track that is there.
  public mutating func add(track: Track, id: Int, medium: Int) {
    guard let index = mediumIndex[medium] else { return }
    media[index].tracks.add(track, TrackKey(position: track.position, id: id))
  }

  private static func merge(_ track: inout Track, _ row: Track) {
    track.mergedIDs.insertInOrder(row.mergedIDs)
    track.mergedRecordingIDs.insertInOrder(row.mergedRecordingIDs)
  }

  public mutating func add(image: Int64, isFront: Bool, isChosenCover: Bool, isRaw: Bool = false, release: Int) {
    guard let index = releaseIndex[release] else { return }
    let image = Image(id: image, isChosen: isChosenCover, isRaw: isRaw)
    if isFront { releases[index].frontImage = image } else { releases[index].mediumImage = image }
  }

  /// Whether everything that was asked for was found, each with a track: then none of the tables on the way is empty.
  public func isWhole(asked: Int) -> Bool {
    idOfAsked.count == asked
      && groups.values.allSatisfy { group in
        group.releases.contains { release in releases[release].media.contains { !media[$0].tracks.isEmpty } }
      }
  }

  public func albums() throws(AssemblyFailure) -> [MBID: Album] {
    var albumOfID: [Int: Album] = [:]
    albumOfID.reserveCapacity(groups.count)
    for (id, group) in groups {
      var entries = group.releases.map(finished)
      entries.sort { $0.release.isListed(before: $1.release) }
      var album = group.album
      album.list(entries.map(\.release))
      album.frontCover = AlbumAssembly.cover(among: entries, \.frontImage)
      album.mediumCover = AlbumAssembly.cover(among: entries, \.mediumImage)
      albumOfID[id] = album
    }
    return idOfAsked.compactMapValues { albumOfID[$0] }
  }

  private func finished(_ index: Int) -> ReleaseEntry {
    var entry = releases[index]
    entry.release.date = PartialDate.earliest(of: entry.dates)
    entry.release.countries.sort()
    entry.release.media = entry.media.map { index in
      var medium = media[index].medium
      medium.tracks = media[index].tracks.inOrder
      return medium
    }
    return entry
  }

  /// The image of the release whose cover MusicBrainz's editors chose for the group; else a clean scan before a raw one;
  /// else that of the earliest official release, or of the earliest one.
  private static func cover(among entries: [ReleaseEntry], _ image: KeyPath<ReleaseEntry, Image?>) -> CoverArt? {
    func rank(_ entry: ReleaseEntry, _ image: Image) -> Int {
      (image.isChosen ? 4 : 0) + (image.isRaw ? 0 : 2) + (entry.release.status == "Official" ? 1 : 0)
    }
    var best: (entry: ReleaseEntry, image: Image)?
    for entry in entries {
      guard let image = entry[keyPath: image] else { continue }
      if let best, rank(best.entry, best.image) >= rank(entry, image) { continue }
      best = (entry, image)
    }
    return best.map { CoverArt(release: $0.entry.release.id, image: $0.image.id) }
  }
}
