internal import Core
internal import Metadata
internal import Postgres

extension AlbumAssembly {
  mutating func add(_ row: inout PostgresRow, of statement: Statement) throws(PostgresFailure) {
    switch statement {
    case .albums: try addGroup(&row)
    case .albumReleases: try addRelease(&row)
    case .albumReleaseEvents:
      let release = try row.int()
      let country = row.optionalText()
      add(event: try row.partialDate(), country: country, release: release)
    case .albumLabels:
      let release = try row.int()
      add(label: try row.text(), release: release)
    case .albumMedia: try addMedium(&row)
    case .albumCredits:
      let group = try row.int()
      let credit = try row.int()
      add(credit: credit, firstArtist: try row.uuid(), group: group)
    case .albumTracks: try addTrack(&row)
    case .albumCovers:
      let release = try row.int()
      let isFront = try row.bool()
      let image = Int64(try row.int())
      let isChosen = try row.bool()
      add(image: image, isFront: isFront, isChosenCover: isChosen, isRaw: try row.bool(), release: release)
    default: break
    }
  }

  private mutating func addGroup(_ row: inout PostgresRow) throws(PostgresFailure) {
    let asked = try row.uuid()
    let id = try row.int()
    let gid = try row.uuid()
    let title = try row.text()
    let disambiguation = try row.text()
    let primaryType = try row.optionalName(of: "type")
    let firstReleaseDate = try row.partialDate()
    let rating = try row.rating()
    guard let artist = try row.optionalUUID() else {
      throw PostgresFailure(.misunderstood, "a release group is credited to nobody")
    }
    var album = Album(id: gid, title: title, artistID: artist)
    album.disambiguation = disambiguation
    album.primaryType = primaryType
    album.firstReleaseDate = firstReleaseDate
    album.rating = rating
    album.mergedIDs = try row.uuids()
    album.secondaryTypes = try row.texts()
    guard !album.secondaryTypes.contains("") else {
      throw PostgresFailure(.misunderstood, "a row has a secondary type that is not there")
    }
    album.aliases = try row.texts()
    album.links = try row.texts()
    album.genres = try row.texts()
    add(group: album, id: id, asked: asked)
  }

  private mutating func addRelease(_ row: inout PostgresRow) throws(PostgresFailure) {
    let group = try row.int()
    let id = try row.int()
    var release = Release(id: try row.uuid(), title: try row.text())
    release.disambiguation = try row.text()
    release.status = try row.optionalName(of: "status")
    if let merged = try row.optionalUUID() { release.mergedIDs = [merged] }
    release.hasKnownTracks = try row.bool()
    add(release: release, id: id, group: group)
  }

  private mutating func addMedium(_ row: inout PostgresRow) throws(PostgresFailure) {
    let release = try row.int()
    let id = try row.int()
    var medium = Medium(position: try row.int())
    medium.name = try row.text()
    medium.format = row.optionalText()
    add(medium: medium, id: id, release: release)
  }

  private mutating func addTrack(_ row: inout PostgresRow) throws(PostgresFailure) {
    let medium = try row.int()
    let id = try row.int()
    let gid = try row.uuid()
    let recording = try row.uuid()
    let credit = try row.int()
    let artist = try assembling { () throws(AssemblyFailure) in try firstArtist(ofCredit: credit) }
    let title = try row.text()
    let length = try row.optionalInt()
    let number = try row.text()
    let position = try row.int()
    var track = Track(
      id: gid, recordingID: recording, artistID: artist, title: title, number: number, position: position)
    track.length = length
    if let merged = try row.optionalUUID() { track.mergedIDs = [merged] }
    if let merged = try row.optionalUUID() { track.mergedRecordingIDs = [merged] }
    add(track: track, id: id, medium: medium)
  }
}
