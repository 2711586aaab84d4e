internal import Core
internal import Metadata

/// Puts a release group together from its records, by the same assembly as the database's rows.
struct AlbumJoin {
  let keys: DumpKeys
  /// Artists whose albums are nobody's discography.
  let albumless: Set<MBID>

  struct Joined {
    var album: Album
    var names: AlbumNames
    /// What the list of its artist's albums shows; nil where it is on no list.
    var summary: Summary?
  }

  /// An entry of an artist's list of albums. Its statuses are told by key, 0 for none.
  struct Summary {
    var album: AlbumSummary
    var statuses: [Int]
  }

  /// - Returns: nil when there are records of it and no row: MusicBrainz has such rows.
  func join(
    _ key: Int, _ bytes: UnsafeRawBufferPointer, _ entries: [Partition.Entry]
  ) throws(DumpError) -> Joined? {
    var parts = Parts()
    for entry in entries { parts.add(entry.kind, RecordFields(bytes, at: entry.contents.lowerBound)) }
    parts.sort()
    guard let group = parts.group else {
      guard parts.releases.isEmpty else {
        throw DumpError(
          .contradictory,
          "\(DumpArchive.core.rawValue), table release: release \(parts.releases[0].key) is of release group \(key), "
            + "which is not there")
      }
      return nil
    }
    do throws(AssemblyFailure) {
      let artistKey = Int(keys.artistOfCredit[group.credit])
      var assembly = AlbumAssembly()
      assembly.add(group: try album(group, key, parts, keys.artists[artistKey]), id: key, asked: group.id)
      try add(parts, of: key, to: &assembly)
      try addTracks(parts, of: key, to: &assembly)
      addImages(parts, of: key, to: &assembly)
      guard let album = try assembly.albums()[group.id] else { return nil }
      return Joined(
        album: album, names: names(of: album, key, group.credit, parts), summary: summary(of: album, parts))
    } catch {
      throw DumpError(.contradictory, "release group \(group.id): \(error)")
    }
  }

  // MARK: - Parts

  private func album(
    _ group: Parts.Group, _ key: Int, _ parts: Parts, _ artist: MBID
  ) throws(AssemblyFailure) -> Album {
    var album = Album(id: group.id, title: group.title, artistID: artist)
    album.disambiguation = group.disambiguation
    album.primaryType = try DumpNames.name(group.type, of: "type", in: keys.primaryTypes)
    album.firstReleaseDate = parts.date
    album.rating = parts.rating
    album.mergedIDs = parts.merged.inOrder
    album.secondaryTypes = try parts.secondaryTypes.map { type throws(AssemblyFailure) in
      try DumpNames.name(type, of: "secondary type", in: keys.secondaryTypes) ?? ""
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    album.aliases =
      parts.aliases.filter { $0.type == nil || $0.type == keys.groupNameType }.map(\.name).distinctBytewise
    album.links = DumpNames.links(parts.links)
    album.genres = DumpNames.genres(parts.tags, keys)
    return album
  }

  private func add(
    _ parts: Parts, of key: Int, to assembly: inout AlbumAssembly
  ) throws(AssemblyFailure) {
    let withTracks = Set(parts.tracks.map(\.medium))
    let releasesWithTracks = Set(parts.media.filter { withTracks.contains($0.key) }.map(\.release))
    let merged = Dictionary(grouping: parts.mergedReleases, by: \.release)
    for entry in parts.releases {
      var release = Release(id: entry.id, title: entry.title)
      release.disambiguation = entry.disambiguation
      release.status = try DumpNames.name(entry.status, of: "status", in: keys.statuses)
      release.mergedIDs = merged[entry.key]?.map(\.id).inOrder ?? []
      release.hasKnownTracks = releasesWithTracks.contains(entry.key)
      assembly.add(release: release, id: entry.key, group: key)
    }
    for event in parts.events {
      assembly.add(event: event.date, country: keys.areas[event.area], release: event.release)
    }
    for (release, labels) in Dictionary(grouping: parts.labels, by: \.release) {
      let names = labels.map { String(decoding: keys.labels[$0.label], as: UTF8.self) }
      for name in names.distinctBytewise { assembly.add(label: name, release: release) }
    }
    for entry in parts.media {
      var medium = Medium(position: entry.position)
      medium.name = entry.name
      medium.format = entry.format.flatMap { keys.formats[$0] }
      assembly.add(medium: medium, id: entry.key, release: entry.release)
    }
  }

  private func addTracks(
    _ parts: Parts, of key: Int, to assembly: inout AlbumAssembly
  ) throws(AssemblyFailure) {
    let credits = Set(parts.tracks.map(\.credit)).map { (artist: Int(keys.artistOfCredit[$0]), credit: $0) }
    for (artist, credit) in credits.sorted(by: { $0 < $1 }) {
      assembly.add(credit: credit, firstArtist: keys.artists[artist], group: key)
    }
    for entry in parts.tracks {
      guard let listed = entry.listed else { continue }
      var track = Track(
        id: listed.id, recordingID: listed.recording, artistID: try assembly.firstArtist(ofCredit: entry.credit),
        title: listed.title, number: listed.number, position: listed.position)
      track.length = listed.length
      track.mergedIDs = keys.mergedTracks[listed.key].inOrder
      track.mergedRecordingIDs = listed.mergedRecordings.inOrder
      assembly.add(track: track, id: listed.key, medium: entry.medium)
    }
  }

  /// Of each release the front and the medium: a clean scan before a raw one, then the first.
  private func addImages(_ parts: Parts, of key: Int, to assembly: inout AlbumAssembly) {
    let images = Dictionary(grouping: parts.images, by: \.release)
    for release in parts.releases where !parts.darkened.contains(release.key) {
      let images = (images[release.key] ?? []).map(\.image).sorted {
        ($0.isRaw ? 1 : 0, $0.ordering, $0.id) < ($1.isRaw ? 1 : 0, $1.ordering, $1.id)
      }
      for isFront in [true, false] {
        guard let image = images.first(where: { isFront ? $0.isFront : $0.isMedium }) else { continue }
        assembly.add(
          image: Int64(image.id), isFront: isFront, isChosenCover: parts.chosenCover == release.key,
          isRaw: image.isRaw, release: release.key)
      }
    }
  }

  // MARK: - What others show of it

  private func names(of album: Album, _ key: Int, _ credit: Int, _ parts: Parts) -> AlbumNames {
    let others = parts.aliases.map(\.name) + parts.releases.map(\.title).filter { $0 != album.title }
    return AlbumNames(
      key: key, id: album.id, title: album.title, aliases: Array(others.distinctBytewise.prefix(20)),
      credit: String(decoding: keys.creditNames[credit], as: UTF8.self),
      artistKey: Int(keys.artistOfCredit[credit]), type: album.primaryType,
      isSecondary: !album.secondaryTypes.isEmpty, releases: parts.releaseCount, ratings: album.rating.count)
  }

  /// As `artist_albums.sql` has it: a release all of whose tracks are videos or data does not count.
  private func summary(of album: Album, _ parts: Parts) -> Summary? {
    guard !albumless.contains(album.artistID) else { return nil }
    var summary = AlbumSummary(id: album.id, title: album.title)
    summary.mergedIDs = album.mergedIDs
    summary.primaryType = album.primaryType
    summary.secondaryTypes = album.secondaryTypes.sorted()
    summary.firstReleaseDate = album.firstReleaseDate
    summary.rating = album.rating
    let media = Dictionary(grouping: parts.media, by: \.release)
    let listed = Set(parts.tracks.filter { $0.listed != nil }.map(\.medium))
    let known = Set(parts.tracks.map(\.medium))
    let counted = parts.releases.filter { release in
      let keys = (media[release.key] ?? []).map(\.key)
      return keys.contains(where: listed.contains) || !keys.contains(where: known.contains)
    }
    return Summary(album: summary, statuses: counted.map { $0.status ?? 0 })
  }
}

extension AlbumJoin {
  /// The records of a release group, read.
  struct Parts {
    struct Group {
      var id: MBID
      var title: String
      var disambiguation: String
      var credit: Int
      var type: Int?
    }

    struct Release {
      var key: Int
      var id: MBID
      var title: String
      var disambiguation: String
      var status: Int?
    }

    struct Medium {
      var release: Int
      var key: Int
      var position: Int
      var format: Int?
      var name: String
    }

    struct Track {
      struct Listed {
        var recording: MBID
        var mergedRecordings: [MBID]
        var length: Int?
        var key: Int
        var id: MBID
        var position: Int
        var number: String
        var title: String
      }

      var medium: Int
      var credit: Int
      /// nil for videos and data tracks.
      var listed: Listed?
    }

    var group: Group?
    var releaseCount = 0
    var date = PartialDate.unknown
    var rating = Rating.none
    var aliases: [(type: Int?, name: String)] = []
    var secondaryTypes: [Int] = []
    var links: [DumpNames.Link] = []
    var tags: [(tag: Int, count: Int)] = []
    /// By key.
    var releases: [Release] = []
    var events: [(release: Int, area: Int, date: PartialDate)] = []
    var labels: [(release: Int, label: Int)] = []
    /// By release, position and key.
    var media: [Medium] = []
    var tracks: [Track] = []
    var merged: [MBID] = []
    var mergedReleases: [(release: Int, id: MBID)] = []
    var images: [(release: Int, image: CoverArtRows.Image)] = []
    var chosenCover: Int?
    var darkened: Set<Int> = []

    mutating func add(_ kind: UInt8, _ fields: RecordFields) {
      var fields = fields
      switch kind {
      case GroupRecord.group:
        group = Group(
          id: fields.id(), title: fields.text(), disambiguation: fields.text(), credit: fields.number(),
          type: fields.optionalInt())
      case GroupRecord.meta:
        releaseCount = fields.int()
        date = fields.date()
        rating = fields.rating()
      case GroupRecord.alias: aliases.append((fields.optionalInt(), fields.text()))
      case GroupRecord.secondaryType: secondaryTypes.append(fields.number())
      case GroupRecord.link: links.append(fields.link())
      case GroupRecord.tag: tags.append((fields.number(), fields.number()))
      case GroupRecord.release:
        releases.append(
          Release(
            key: fields.number(), id: fields.id(), title: fields.text(), disambiguation: fields.text(),
            status: fields.optionalInt()))
      case GroupRecord.event: events.append((fields.number(), fields.number(), fields.date()))
      case GroupRecord.label: labels.append((fields.number(), fields.number()))
      case GroupRecord.medium:
        media.append(
          Medium(
            release: fields.number(), key: fields.number(), position: fields.int(), format: fields.optionalInt(),
            name: fields.text()))
      case GroupRecord.track: add(track: &fields)
      case GroupRecord.merged: merged.append(fields.id())
      case GroupRecord.mergedRelease: mergedReleases.append((fields.number(), fields.id()))
      case GroupRecord.image: add(image: &fields)
      case GroupRecord.chosenCover: chosenCover = fields.number()
      default: darkened.insert(fields.number())
      }
    }

    private mutating func add(track fields: inout RecordFields) {
      var track = Track(medium: fields.number(), credit: fields.number())
      if fields.bool() {
        track.listed = Track.Listed(
          recording: fields.id(), mergedRecordings: fields.ids(), length: fields.optionalInt(), key: fields.number(),
          id: fields.id(), position: fields.int(), number: fields.text(), title: fields.text())
      }
      tracks.append(track)
    }

    private mutating func add(image fields: inout RecordFields) {
      let release = fields.number()
      images.append(
        (
          release,
          CoverArtRows.Image(
            id: fields.int(), ordering: fields.int(), isFront: fields.bool(), isMedium: fields.bool(),
            isRaw: fields.bool())
        ))
    }

    /// Has to be called when all have been added.
    mutating func sort() {
      releases.sort { $0.key < $1.key }
      media.sort { ($0.release, $0.position, $0.key) < ($1.release, $1.position, $1.key) }
    }
  }
}

/// What artists and release groups have alike.
enum DumpNames {
  struct Link {
    var url: Int
    var row: Int
    var address: String
  }

  /// The name of what a row refers to.
  static func name(_ key: Int?, of what: String, in names: [Int: String]) throws(AssemblyFailure) -> String? {
    guard let key else { return nil }
    guard let name = names[key] else { throw AssemblyFailure("a row has a \(what) that is not there") }
    return name
  }

  /// Each address once, in the order in which they were entered.
  static func links(_ links: [Link]) -> [String] {
    var first: [Int: Link] = [:]
    for link in links where first[link.url].map({ link.row < $0.row }) ?? true { first[link.url] = link }
    return first.values.sorted { $0.row < $1.row }.map(\.address)
  }

  /// The tags that are genres, most used first.
  static func genres(_ tags: [(tag: Int, count: Int)], _ keys: DumpKeys) -> [String] {
    tags.compactMap { entry in keys.genreOfTag[entry.tag].map { (count: entry.count, name: $0) } }
      .sorted { $0.count != $1.count ? $0.count > $1.count : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      .map(\.name)
  }
}
