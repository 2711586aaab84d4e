internal import Core
internal import Metadata

/// Takes rows, table by table.
struct DumpReading {
  private(set) var rows: DumpRows
  private var seen: Set<DumpTableName> = []
  private let tracks: TrackJoin
  private let pages: PageJoin
  private var coverArt = CoverArtRows()
  /// Media come before the releases that they are of.
  private var media: [UInt8] = []

  // What only the rows behind them are told by.
  private var groupOfRelease = KeyedArray<UInt32>(nothing: 0)
  private var releaseOfMedium = KeyedArray<UInt32>(nothing: 0)
  /// How many tracks releases have, as MusicBrainz counts them.
  private var tracksOfRelease = KeyedArray<UInt32>(nothing: 0)
  private var creditReferences = KeyedArray<UInt32>(nothing: 0)
  private var genres: Set<[UInt8]> = []

  init(scratch folder: ScratchFolder) throws(DumpError) {
    rows = DumpRows(
      groups: try Partitions(in: folder), artists: try Partitions(in: folder), links: try LinkRows(in: folder))
    tracks = try TrackJoin(in: folder)
    pages = try PageJoin(in: folder)
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
    if name == .release { try placeMedia() }
  }

  /// Has to be called when all archives have been read.
  ///
  /// - Parameter tell: takes the share that is done; false ends it.
  mutating func finish(_ tell: (Double) -> Bool) throws(DumpError) -> DumpRows {
    for archive in DumpArchive.allCases {
      let missing = archive.tables.filter { !seen.contains($0) }.map(\.rawValue)
      guard missing.isEmpty else {
        throw DumpError(.unsuitable, "\(archive.rawValue) lacks tables: \(missing.joined(separator: ", "))")
      }
    }
    rows.keys.sort()
    releaseOfMedium.removeAll()
    tracksOfRelease.removeAll()
    creditReferences.removeAll()
    try placeImages()
    try placeLinks()
    groupOfRelease.removeAll()
    try tracks.join(into: rows.groups, tell)
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
    case .genre: genres.insert(Array(try row.text(2).utf8))
    case .tag: try addTag(row)
    case .artist: try addArtist(row)
    case .artistAlias: try addArtistAlias(row)
    case .artistMeta: try addMeta(row, ArtistRecord.meta)
    case .artistTag: try addTag(row, ArtistRecord.tag, rows.artists)
    case .artistCredit:
      try DumpReading.set(&rows.keys.creditNames, row, text: 1)
      try DumpReading.set(&creditReferences, row, UInt32(clamping: try row.optionalInt(3) ?? 0))
    case .artistCreditName: try addCreditName(row)
    case .artistRedirect: try addMerged(row, ArtistRecord.merged, rows.artists)
    case .groupRedirect: try addMerged(row, GroupRecord.merged, rows.groups)
    case .releaseRedirect: try addMergedRelease(row)
    case .trackRedirect: rows.keys.mergedTracks.add(try row.id(0), at: try row.key(1))
    case .recordingRedirect: try tracks.add(merged: row)
    case .seriesRedirect: rows.keys.mergedSeries.add(try row.id(0), at: try row.key(1))
    case .artistURL: try pages.add(link: row, .artist)
    case .groupURL: try pages.add(link: row, .group)
    case .releaseURL: try pages.add(link: row, .release)
    case .url: try pages.add(page: row)
    case .group: try addGroup(row)
    case .groupAlias: try addGroupAlias(row)
    case .groupMeta: try addGroupMeta(row)
    case .groupTag: try addTag(row, GroupRecord.tag, rows.groups)
    case .secondaryTypeJoin: try addSecondaryType(row)
    case .release: try addRelease(row)
    case .releaseCountry: try addEvent(row, release: 0, country: 1, date: 2)
    case .releaseUnknownCountry: try addEvent(row, release: 0, country: nil, date: 1)
    case .releaseLabel: try addLabel(row)
    case .releaseMeta: try addDarkened(row)
    case .medium: try addMedium(row)
    case .recording: try tracks.add(recording: row)
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
      coverArt.add(image: try row.long(0), release: try row.key(1), ordering: try row.int(4))
    case .coverArtType: coverArt.add(type: try row.key(1), ofImage: try row.long(0))
    case .groupCoverArt:
      let release = try row.key(1)
      try rows.groups.add(GroupRecord.chosenCover, key: try row.key(0)) { $0.append(number: release) }
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
      record.append(bool: try row.bool(16))
    }
  }

  private func addArtistAlias(_ row: CopyRow) throws(DumpError) {
    try rows.artists.add(ArtistRecord.alias, key: try row.key(1)) { record throws(DumpError) in
      record.append(number: try row.key(0))
      try record.append(row, text: 2)
      try record.append(row, text: 7)
      record.append(optionalInt: try row.optionalInt(6))
      let hasLocale = !row.isNull(3)
      record.append(bool: hasLocale)
      if hasLocale { try record.append(row, text: 3) }
      record.append(bool: try row.bool(14))
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
      record.append(number: tag)
      record.append(number: count)
    }
  }

  private func addMerged(_ row: CopyRow, _ kind: UInt8, _ partitions: Partitions) throws(DumpError) {
    try partitions.add(kind, key: try row.key(1)) { record throws(DumpError) in record.append(try row.id(0)) }
  }

  private mutating func addTag(_ row: CopyRow) throws(DumpError) {
    let name = try row.text(1)
    if genres.contains(Array(name.utf8)) { rows.keys.genreOfTag[try row.key(0)] = name }
  }

  private mutating func addCreditName(_ row: CopyRow) throws(DumpError) {
    let (credit, artist) = (try row.key(0), try row.key(2))
    guard rows.keys.artists[artist] != DumpKeys.noID else { throw row.failure("artist \(artist) is not there") }
    if try row.int(1) == 0, !rows.keys.artistOfCredit.set(UInt32(artist), at: credit) {
      throw row.failure("has a key beyond all others")
    }
    let references = creditReferences[credit]
    try rows.artists.add(ArtistRecord.credit, key: artist) { record throws(DumpError) in
      record.append(number: Int(references))
      try record.append(row, text: 3)
    }
  }

  private mutating func placeLinks() throws(DumpError) {
    let (artists, groups, links) = (rows.artists, rows.groups, rows.links)
    var skipped = 0
    let dangling = try pages.join { key, address, found throws(DumpError) in
      let page = LinkedPage(address)
      for link in found {
        guard link.kind != .release else {
          // One that is not there leaves its link out, as it does in the database's answer.
          let group = Int(groupOfRelease[link.entity])
          if group > 0 { try links.add(page, link, to: group) } else { skipped += 1 }
          continue
        }
        let isArtist = link.kind == .artist
        try (isArtist ? artists : groups).add(isArtist ? ArtistRecord.link : GroupRecord.link, key: link.entity) {
          $0.append(number: key)
          $0.append(number: link.row)
          $0.append(text: address)
        }
        try links.add(page, link, to: link.entity)
      }
    }
    rows.skipped += skipped + dangling
  }

  // MARK: - Release groups

  private func addGroup(_ row: CopyRow) throws(DumpError) {
    let credit = try row.key(3)
    guard rows.keys.artistOfCredit[credit] != 0 else { throw row.failure("artist credit \(credit) is not there") }
    try rows.groups.add(GroupRecord.group, key: try row.key(0)) { record throws(DumpError) in
      record.append(try row.id(1))
      try record.append(row, text: 2)
      try record.append(row, text: 5)
      record.append(number: credit)
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
    try rows.groups.add(GroupRecord.secondaryType, key: try row.key(0)) { $0.append(number: type) }
  }

  // MARK: - Releases

  private mutating func addRelease(_ row: CopyRow) throws(DumpError) {
    let (key, group) = (try row.key(0), try row.key(4))
    try DumpReading.set(&groupOfRelease, row, UInt32(group))
    try rows.links.add(release: try row.id(1), of: group, tracks: tracksOfRelease[key])
    try rows.groups.add(GroupRecord.release, key: group) { record throws(DumpError) in
      record.append(number: key)
      record.append(try row.id(1))
      try record.append(row, text: 2)
      try record.append(row, text: 10)
      record.append(optionalInt: try row.optionalInt(5))
    }
  }

  private mutating func addMergedRelease(_ row: CopyRow) throws(DumpError) {
    let (id, key) = (try row.id(0), try row.key(1))
    let group = try group(of: row, release: key)
    try rows.groups.add(GroupRecord.mergedRelease, key: group) {
      $0.append(number: key)
      $0.append(id)
    }
    try rows.links.add(release: id, of: group, tracks: tracksOfRelease[key])
  }

  /// The release group of a row that belongs to a release.
  private func group(of row: CopyRow, release: Int) throws(DumpError) -> Int {
    let group = Int(groupOfRelease[release])
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
      record.append(number: release)
      record.append(number: area ?? 0)
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
      record.append(number: release)
      record.append(number: label)
    }
  }

  private mutating func addMedium(_ row: CopyRow) throws(DumpError) {
    let release = try row.key(1)
    try DumpReading.set(&releaseOfMedium, row, UInt32(release))
    let tracks = tracksOfRelease[release] &+ UInt32(clamping: try row.int(7))
    guard tracksOfRelease.set(tracks, at: release) else { throw row.failure("has a key beyond all others") }
    var record: [UInt8] = []
    record.append(number: release)
    record.append(number: try row.key(0))
    record.append(int: try row.int(2))
    record.append(optionalInt: try row.optionalInt(3))
    try record.append(row, text: 4)
    media.append(text: record)
  }

  private mutating func placeMedia() throws(DumpError) {
    let media = media
    self.media = []
    try media.withBytes { bytes throws(DumpError) in
      var fields = RecordFields(bytes, at: 0)
      while fields.position < bytes.count {
        let length = fields.number()
        let contents = UnsafeRawBufferPointer(rebasing: bytes[fields.position..<fields.position + length])
        fields.position += length
        var medium = RecordFields(contents, at: 0)
        let release = medium.number()
        let group = Int(groupOfRelease[release])
        guard group > 0 else {
          throw DumpError(
            .contradictory,
            "\(DumpArchive.core.rawValue), table medium: medium \(medium.number()) is of release \(release), which is "
              + "not there")
        }
        try rows.groups.add(GroupRecord.medium, key: group) { $0.append(contentsOf: contents) }
      }
    }
  }

  private func addDarkened(_ row: CopyRow) throws(DumpError) {
    guard row.isEqual(4, "darkened") else { return }
    let release = try row.key(0)
    try rows.groups.add(GroupRecord.darkened, key: try group(of: row, release: release)) { $0.append(number: release) }
  }

  private mutating func placeImages() throws(DumpError) {
    let images = coverArt
    coverArt = CoverArtRows()
    try images.forEach { release, image throws(DumpError) in
      let group = Int(groupOfRelease[release])
      guard group > 0 else {
        rows.skipped += 1
        return
      }
      try rows.groups.add(GroupRecord.image, key: group) { record in
        record.append(number: release)
        record.append(int: image.id)
        record.append(int: image.ordering)
        record.append(bool: image.isFront)
        record.append(bool: image.isMedium)
        record.append(bool: image.isRaw)
      }
    }
  }

  private func addTrack(_ row: CopyRow) throws(DumpError) {
    let (medium, credit) = (try row.key(3), try row.key(7))
    let release = Int(releaseOfMedium[medium])
    guard release > 0 else { throw row.failure("medium \(medium) is not there") }
    guard rows.keys.artistOfCredit[credit] != 0 else { throw row.failure("artist credit \(credit) is not there") }
    try tracks.add(track: row, of: try group(of: row, release: release), medium: medium, credit: credit)
  }

  private mutating func addControl(_ row: CopyRow) throws(DumpError) {
    guard try row.int(1) == DumpTableName.schema else {
      throw DumpError(
        .unsuitable,
        "the dumps are of schema \(try row.int(1)) of MusicBrainz; this version knows \(DumpTableName.schema)")
    }
    rows.vintage = try row.optionalText(3)
  }
}
