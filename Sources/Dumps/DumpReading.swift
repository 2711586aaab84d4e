internal import Core
internal import Metadata

/// Takes rows, table by table.
struct DumpReading {
  private(set) var rows: DumpRows
  private var seen: Set<DumpTableName> = []
  /// Media come before the releases that they are of.
  private var media: [UInt8] = []
  private var urls = URLLinks()
  /// How many tracks releases have, as MusicBrainz counts them.
  private var tracksOfRelease = KeyedArray<UInt32>(nothing: 0)
  private var coverArt = KeyedCoverArt()

  init(scratch folder: String) throws(DumpError) {
    rows = DumpRows(
      groups: try Partitions("release groups", in: folder), artists: try Partitions("artists", in: folder),
      links: try LinkRows(in: folder))
  }

  /// Has to be called before the rows of a table.
  mutating func begin(_ name: DumpTableName) throws(DumpError) {
    for needed in name.needed where !seen.contains(needed) {
      throw DumpError(
        .unsuitable,
        "\(name.table.archive): table \(name.rawValue) comes before \(needed.rawValue), which no export does")
    }
    guard seen.insert(name).inserted else {
      throw DumpError(.damaged, "\(name.table.archive): table \(name.rawValue) is there twice")
    }
  }

  /// Has to be called after the rows of a table.
  mutating func end(_ name: DumpTableName, rows count: Int) throws(DumpError) {
    guard count > 0 || !name.isFilled else {
      throw DumpError(.unsuitable, "\(name.table.archive): table \(name.rawValue) holds no rows")
    }
    switch name {
    case .release: try placeMedia()
    case .url:
      rows.skipped += urls.untaken
      urls = URLLinks()
    default: break
    }
  }

  /// Has to be called when all archives have been read.
  mutating func finish() throws(DumpError) -> DumpRows {
    for archive in DumpArchive.allCases {
      let missing = archive.tables.filter { !seen.contains($0) }.map(\.rawValue)
      guard missing.isEmpty else {
        throw DumpError(.unsuitable, "\(archive.rawValue) lacks tables: \(missing.joined(separator: ", "))")
      }
    }
    rows.keys.images = coverArt.images()
    rows.keys.sort()
    tracksOfRelease.removeAll()
    try rows.groups.finish()
    return rows
  }

  // MARK: - Rows

  mutating func add(_ row: CopyRow, of name: DumpTableName) throws(DumpError) {
    switch name {
    case .artistType: rows.keys.artistTypes[try row.key(0)] = try row.text(1)
    case .primaryType: rows.keys.primaryTypes[try row.key(0)] = try row.text(1)
    case .secondaryType: rows.keys.secondaryTypes[try row.key(0)] = try row.text(1)
    case .releaseStatus: rows.keys.statuses[try row.key(0)] = try row.text(1)
    case .mediumFormat: rows.keys.formats[try row.key(0)] = try row.text(1)
    case .area: rows.keys.areas[try row.key(0)] = try row.text(2)
    case .label: try DumpReading.set(&rows.keys.labels, row, text: 2)
    case .artistAliasType where try row.id(5) == DumpReading.artistName: rows.keys.artistNameType = try row.key(0)
    case .groupAliasType where try row.id(5) == DumpReading.groupName: rows.keys.groupNameType = try row.key(0)
    case .artistAliasType, .groupAliasType: break
    case .genre: rows.keys.genres.insert(Array(try row.text(2).utf8))
    case .tag: try addTag(row)
    case .artist: try addArtist(row)
    case .artistAlias: try addArtistAlias(row)
    case .artistMeta: try addMeta(row, ArtistRecord.meta)
    case .artistTag: try addTag(row, ArtistRecord.tag, rows.artists)
    case .artistCredit:
      try DumpReading.set(&rows.keys.creditNames, row, text: 1)
      try DumpReading.set(&rows.keys.creditReferences, row, UInt32(clamping: try row.optionalInt(3) ?? 0))
    case .artistCreditName: try addCreditName(row)
    case .artistRedirect: rows.keys.mergedArtists.add(try row.id(0), at: try row.key(1))
    case .groupRedirect: rows.keys.mergedGroups.add(try row.id(0), at: try row.key(1))
    case .releaseRedirect: try addMergedRelease(row)
    case .trackRedirect: rows.keys.mergedTracks.add(try row.id(0), at: try row.key(1))
    case .recordingRedirect: rows.keys.mergedRecordings.add(try row.id(0), at: try row.key(1))
    case .seriesRedirect: rows.keys.mergedSeries.add(try row.id(0), at: try row.key(1))
    case .artistURL: urls.add(row: try row.key(0), entity: try row.key(2), .artist, url: try row.key(3))
    case .groupURL: urls.add(row: try row.key(0), entity: try row.key(2), .group, url: try row.key(3))
    case .releaseURL: urls.add(row: try row.key(0), entity: try row.key(2), .release, url: try row.key(3))
    case .url: try addURL(row)
    case .group: try addGroup(row)
    case .groupAlias: try addGroupAlias(row)
    case .groupMeta: try addGroupMeta(row)
    case .groupTag: try addTag(row, GroupRecord.tag, rows.groups)
    case .secondaryTypeJoin: try addSecondaryType(row)
    case .release: try addRelease(row)
    case .releaseCountry: try addEvent(row, release: 0, country: 1, date: 2)
    case .releaseUnknownCountry: try addEvent(row, release: 0, country: nil, date: 1)
    case .releaseLabel: try addLabel(row)
    case .releaseMeta: if row.isEqual(4, "darkened") { rows.keys.darkened.insert(try row.key(0)) }
    case .medium: try addMedium(row)
    case .recording: try addRecording(row)
    case .track: try addTrack(row)
    case .replicationControl: try addControl(row)
    case .series: rows.series.add(try row.id(1), at: try row.key(0))
    case .groupSeries:
      rows.series.add(
        .init(
          row: try row.key(0), link: try row.key(1), group: try row.key(2), order: try row.int(6)), to: try row.key(3))
    case .link: rows.series.add(link: try row.key(0), type: try row.key(1))
    case .linkText where try row.int(1) == SeriesRows.numberAttribute:
      rows.series.add(link: try row.key(0), number: try row.text(2))
    case .linkText: break
    case .linkType where try row.id(3) == SeriesRows.partOf: rows.series.partOfType = try row.key(0)
    case .linkType: break
    case .artType: coverArt.add(type: try row.key(0), named: try row.text(1))
    case .coverArt:
      coverArt.add(
        image: Int64(try row.long(0)), release: try row.key(1), ordering: Int32(truncatingIfNeeded: try row.int(4)))
    case .coverArtType: coverArt.add(type: try row.key(1), ofImage: Int64(try row.long(0)))
    case .groupCoverArt: rows.keys.chosenCovers[try row.key(0)] = try row.key(1)
    }
  }

  /// The types "Artist name" and "Release group name" of aliases.
  private static let artistName: MBID = "894afba6-2816-3c24-8072-eadb66bd04bc"
  private static let groupName: MBID = "156e24ca-8746-3cfc-99ae-0a867c765c67"

  private static func set(_ texts: inout KeyedTexts, _ row: CopyRow, text column: Int) throws(DumpError) {
    var text: [UInt8] = []
    try row.appendText(column, to: &text)
    guard texts.set(text, at: try row.key(0)) else { throw row.failure("has a key beyond all others") }
  }

  private static func set<Value>(_ values: inout KeyedArray<Value>, _ row: CopyRow, _ value: Value) throws(DumpError) {
    guard values.set(value, at: try row.key(0)) else { throw row.failure("has a key beyond all others") }
  }

  // MARK: - Artists

  private mutating func addArtist(_ row: CopyRow) throws(DumpError) {
    let id = try row.id(1)
    try DumpReading.set(&rows.keys.artists, row, id)
    try rows.artists.add(ArtistRecord.artist, key: try row.key(0)) { record throws(DumpError) in
      record.append(id)
      try record.append(row, text: 2)
      try record.append(row, text: 3)
      try record.append(row, text: 13)
      record.append(optionalInt: try row.optionalInt(10))
      record.append(try row.bool(16) ? 1 : 0)
    }
  }

  private func addArtistAlias(_ row: CopyRow) throws(DumpError) {
    try rows.artists.add(ArtistRecord.alias, key: try row.key(1)) { record throws(DumpError) in
      record.append(int: try row.key(0))
      try record.append(row, text: 2)
      try record.append(row, text: 7)
      record.append(optionalInt: try row.optionalInt(6))
      let hasLocale = !row.isNull(3)
      record.append(hasLocale ? 1 : 0)
      if hasLocale { try record.append(row, text: 3) }
      record.append(try row.bool(14) ? 1 : 0)
    }
  }

  private func addMeta(_ row: CopyRow, _ kind: UInt8) throws(DumpError) {
    try rows.artists.add(kind, key: try row.key(0)) { record throws(DumpError) in
      record.append(optionalInt: try row.optionalInt(2))
      record.append(optionalInt: try row.optionalInt(1))
    }
  }

  private func addTag(_ row: CopyRow, _ kind: UInt8, _ partitions: Partitions) throws(DumpError) {
    let count = try row.int(2)
    guard count > 0 else { return }
    let tag = try row.key(1)
    try partitions.add(kind, key: try row.key(0)) { record throws(DumpError) in
      record.append(int: tag)
      record.append(int: count)
    }
  }

  private mutating func addTag(_ row: CopyRow) throws(DumpError) {
    let name = try row.text(1)
    if rows.keys.genres.contains(Array(name.utf8)) { rows.keys.genreOfTag[try row.key(0)] = name }
  }

  private mutating func addCreditName(_ row: CopyRow) throws(DumpError) {
    let (credit, artist) = (try row.key(0), try row.key(2))
    guard rows.keys.artists[artist] != DumpKeys.noID else { throw row.failure("artist \(artist) is not there") }
    if try row.int(1) == 0, !rows.keys.artistOfCredit.set(UInt32(artist), at: credit) {
      throw row.failure("has a key beyond all others")
    }
    let references = rows.keys.creditReferences[credit]
    try rows.artists.add(ArtistRecord.credit, key: artist) { record throws(DumpError) in
      record.append(int: Int(references))
      try record.append(row, text: 3)
    }
  }

  private mutating func addURL(_ row: CopyRow) throws(DumpError) {
    let key = try row.key(0)
    let links = urls[key]
    guard !links.isEmpty else { return }
    var address: [UInt8] = []
    try row.appendText(2, to: &address)
    let page = LinkedPage(address)
    for link in links {
      switch link.kind {
      case .artist, .group:
        let isArtist = link.kind == .artist
        try (isArtist ? rows.artists : rows.groups).add(
          isArtist ? ArtistRecord.link : GroupRecord.link, key: link.entity
        ) { record in
          record.append(int: key)
          record.append(int: link.row)
          record.append(text: address)
        }
        try rows.links.add(page, link, to: link.entity)
      case .release:
        // One that is not there leaves its link out, as it does in the database's answer.
        let group = Int(rows.keys.groupOfRelease[link.entity])
        if group > 0 { try rows.links.add(page, link, to: group) } else { rows.skipped += 1 }
      }
    }
  }

  // MARK: - Release groups

  private func addGroup(_ row: CopyRow) throws(DumpError) {
    let credit = try row.key(3)
    guard rows.keys.artistOfCredit[credit] != 0 else { throw row.failure("artist credit \(credit) is not there") }
    try rows.groups.add(GroupRecord.group, key: try row.key(0)) { record throws(DumpError) in
      record.append(try row.id(1))
      try record.append(row, text: 2)
      try record.append(row, text: 5)
      record.append(int: credit)
      record.append(optionalInt: try row.optionalInt(4))
    }
  }

  private func addGroupAlias(_ row: CopyRow) throws(DumpError) {
    try rows.groups.add(GroupRecord.alias, key: try row.key(1)) { record throws(DumpError) in
      record.append(optionalInt: try row.optionalInt(6))
      try record.append(row, text: 2)
    }
  }

  private func addGroupMeta(_ row: CopyRow) throws(DumpError) {
    try rows.groups.add(GroupRecord.meta, key: try row.key(0)) { record throws(DumpError) in
      record.append(int: try row.int(1))
      try record.append(row, date: 2)
      record.append(optionalInt: try row.optionalInt(6))
      record.append(optionalInt: try row.optionalInt(5))
    }
  }

  private func addSecondaryType(_ row: CopyRow) throws(DumpError) {
    let type = try row.key(1)
    try rows.groups.add(GroupRecord.secondaryType, key: try row.key(0)) { $0.append(int: type) }
  }

  // MARK: - Releases

  private mutating func addRelease(_ row: CopyRow) throws(DumpError) {
    let (key, group) = (try row.key(0), try row.key(4))
    try DumpReading.set(&rows.keys.groupOfRelease, row, UInt32(group))
    try rows.links.add(release: try row.id(1), of: group, tracks: tracksOfRelease[key])
    try rows.groups.add(GroupRecord.release, key: group) { record throws(DumpError) in
      record.append(int: key)
      record.append(try row.id(1))
      try record.append(row, text: 2)
      try record.append(row, text: 10)
      record.append(optionalInt: try row.optionalInt(5))
    }
  }

  private mutating func addMergedRelease(_ row: CopyRow) throws(DumpError) {
    let (id, key) = (try row.id(0), try row.key(1))
    let group = Int(rows.keys.groupOfRelease[key])
    guard group > 0 else {
      rows.skipped += 1
      return
    }
    rows.keys.mergedReleases.add(id, at: key)
    try rows.links.add(release: id, of: group, tracks: tracksOfRelease[key])
  }

  /// The release group of a row that belongs to a release.
  private func group(of row: CopyRow, release: Int) throws(DumpError) -> Int {
    let group = Int(rows.keys.groupOfRelease[release])
    guard group > 0 else { throw row.failure("release \(release) is not there") }
    return group
  }

  private mutating func addEvent(_ row: CopyRow, release: Int, country: Int?, date: Int) throws(DumpError) {
    let release = try row.key(release)
    let area = try country.map { column throws(DumpError) in try row.key(column) }
    // A country that is not there leaves its event out, as it does in the database's answer.
    if let area, rows.keys.areas[area] == nil {
      rows.skipped += 1
      return
    }
    try rows.groups.add(GroupRecord.event, key: try group(of: row, release: release)) { record throws(DumpError) in
      record.append(int: release)
      record.append(int: area ?? 0)
      try record.append(row, date: date)
    }
  }

  private mutating func addLabel(_ row: CopyRow) throws(DumpError) {
    guard let label = try row.optionalKey(2) else { return }
    let release = try row.key(1)
    guard !rows.keys.labels[label].isEmpty else {
      rows.skipped += 1
      return
    }
    try rows.groups.add(GroupRecord.label, key: try group(of: row, release: release)) { record in
      record.append(int: release)
      record.append(int: label)
    }
  }

  private mutating func addMedium(_ row: CopyRow) throws(DumpError) {
    let release = try row.key(1)
    try DumpReading.set(&rows.keys.releaseOfMedium, row, UInt32(release))
    let tracks = tracksOfRelease[release] &+ UInt32(clamping: try row.int(7))
    guard tracksOfRelease.set(tracks, at: release) else { throw row.failure("has a key beyond all others") }
    media.append(int: release)
    media.append(int: try row.key(0))
    media.append(int: try row.int(2))
    media.append(optionalInt: try row.optionalInt(3))
    try media.append(row, text: 4)
  }

  private mutating func placeMedia() throws(DumpError) {
    var failure: DumpError?
    media.withUnsafeBytes { bytes in
      do throws(DumpError) {
        var position = 0
        while position < bytes.count {
          var fields = RecordFields(bytes, position..<bytes.count)
          let release = fields.int()
          let medium = fields.int()
          let length = Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 16, as: Int32.self)))
          let contents = UnsafeRawBufferPointer(rebasing: bytes[position..<position + 20 + length])
          let group = Int(rows.keys.groupOfRelease[release])
          guard group > 0 else {
            throw DumpError(
              .contradictory,
              "\(DumpArchive.core.rawValue), table medium: medium \(medium) is of release \(release), which is not there"
            )
          }
          try rows.groups.add(GroupRecord.medium, key: group) { $0.append(contentsOf: contents) }
          position += contents.count
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    media = []
  }

  private mutating func addRecording(_ row: CopyRow) throws(DumpError) {
    let recording = DumpKeys.Recording(
      id: try row.id(1), length: try row.optionalInt(4), isVideo: try row.bool(8))
    try DumpReading.set(&rows.keys.recordings, row, recording)
  }

  private func addTrack(_ row: CopyRow) throws(DumpError) {
    let (medium, key) = (try row.key(3), try row.key(2))
    let release = Int(rows.keys.releaseOfMedium[medium])
    guard release > 0 else { throw row.failure("medium \(medium) is not there") }
    let recording = rows.keys.recordings[key]
    guard recording.id != DumpKeys.noID else { throw row.failure("recording \(key) is not there") }
    let credit = try row.key(7)
    guard rows.keys.artistOfCredit[credit] != 0 else { throw row.failure("artist credit \(credit) is not there") }
    let isListed = !(try row.bool(11)) && !recording.isVideo
    try rows.groups.add(GroupRecord.track, key: try group(of: row, release: release)) { record throws(DumpError) in
      record.append(int: medium)
      record.append(int: credit)
      record.append(isListed ? 1 : 0)
      // Of the others only whose they are, and that they are there, is shown.
      guard isListed else { return }
      record.append(int: try row.key(0))
      record.append(int: key)
      record.append(try row.id(1))
      record.append(recording.id)
      record.append(optionalInt: try row.optionalInt(8) ?? recording.length)
      record.append(int: try row.int(4))
      try record.append(row, text: 5)
      try record.append(row, text: 6)
    }
  }

  private mutating func addControl(_ row: CopyRow) throws(DumpError) {
    guard try row.int(1) == DumpTableName.schema else {
      throw DumpError(
        .unsuitable,
        "the dumps are of schema \(try row.int(1)) of MusicBrainz; this version knows \(DumpTableName.schema)")
    }
    rows.sequence = try row.optionalInt(2) ?? 0
    rows.vintage = try row.optionalText(3)
  }
}
