internal import Core
internal import Metadata

/// Puts an artist and the list of its albums together from their records, by the same assembly as the database's rows.
struct ArtistJoin {
  let keys: DumpKeys

  struct Joined {
    var discography: Discography
    var names: ArtistNames
  }

  /// - Returns: nil when there are records of it and no row.
  func join(
    _ key: Int, _ bytes: UnsafeRawBufferPointer, _ entries: [PartitionRecords.Entry]
  ) throws(DumpError) -> Joined? {
    var parts = Parts()
    var assembly = ArtistAssembly()
    for (status, name) in keys.statuses { assembly.add(status: name, id: status) }
    do throws(AssemblyFailure) {
      for entry in entries {
        var fields = RecordFields(bytes, entry.contents)
        if entry.kind == ArtistRecord.album {
          try ArtistJoin.add(album: &fields, of: key, to: &assembly)
        } else {
          parts.add(entry.kind, &fields)
        }
      }
      guard var artist = parts.artist else { return nil }
      artist.type = try DumpNames.name(parts.type, of: "type", in: keys.artistTypes)
      artist.rating = parts.rating
      artist.mergedIDs = keys.mergedArtists[key].inOrder
      let shown = parts.aliases.filter { $0.type == nil || $0.type == keys.artistNameType }
      artist.aliases = shown.map(\.name).distinctBytewise
      artist.localeAliases = ArtistJoin.localeAliases(shown)
      artist.links = DumpNames.links(parts.links)
      artist.genres = DumpNames.genres(parts.tags, keys)
      assembly.add(artist: artist, id: key, asked: artist.id)
      guard let discography = assembly.discographies[artist.id] else { return nil }
      return Joined(discography: discography, names: names(of: artist, key, parts))
    } catch {
      throw DumpError(.contradictory, "artist \(key): \(error)")
    }
  }

  private static func localeAliases(_ aliases: [Parts.Alias]) -> [LocaleAlias] {
    let listed = aliases.compactMap { alias in alias.locale.map { (locale: $0, alias: alias) } }
    return listed.sorted { left, right in
      if !left.locale.utf8.elementsEqual(right.locale.utf8) {
        return left.locale.utf8.lexicographicallyPrecedes(right.locale.utf8)
      }
      if !left.alias.name.utf8.elementsEqual(right.alias.name.utf8) {
        return left.alias.name.utf8.lexicographicallyPrecedes(right.alias.name.utf8)
      }
      return left.alias.row < right.alias.row
    }.map {
      LocaleAlias(locale: $0.locale, name: $0.alias.name, sortName: $0.alias.sortName, isPrimary: $0.alias.isPrimary)
    }
  }

  private func names(of artist: Artist, _ key: Int, _ parts: Parts) -> ArtistNames {
    ArtistNames(
      key: key, id: artist.id, name: artist.name, sortName: artist.sortName,
      aliases: parts.aliases.map(\.name).distinctBytewise,
      credits: Array(
        parts.credits.map(\.name).filter { !$0.utf8.elementsEqual(artist.name.utf8) }.distinctBytewise.prefix(20)),
      references: parts.credits.reduce(0) { $0 + $1.references }, ratings: artist.rating.count)
  }

  // MARK: - Albums

  /// Appends what ``add(album:of:to:)`` reads.
  static func append(_ summary: AlbumJoin.Summary, key: Int, to record: inout [UInt8]) {
    let album = summary.album
    record.append(int: key)
    record.append(album.id)
    record.append(text: Array(album.title.utf8))
    record.append(album.primaryType == nil ? 0 : 1)
    record.append(text: Array((album.primaryType ?? "").utf8))
    for part in [album.firstReleaseDate.year, album.firstReleaseDate.month, album.firstReleaseDate.day] {
      record.append(optionalInt: part)
    }
    record.append(optionalInt: album.rating.count)
    record.append(optionalInt: album.rating.value)
    record.append(int: album.mergedIDs.count)
    for id in album.mergedIDs { record.append(id) }
    record.append(int: album.secondaryTypes.count)
    for type in album.secondaryTypes { record.append(text: Array(type.utf8)) }
    record.append(int: summary.statuses.count)
    for status in summary.statuses { record.append(int: status) }
  }

  private static func add(
    album fields: inout RecordFields, of artist: Int, to assembly: inout ArtistAssembly
  ) throws(AssemblyFailure) {
    let key = fields.int()
    var album = AlbumSummary(id: fields.id(), title: fields.text())
    let hasType = fields.byte() == 1
    let type = fields.text()
    album.primaryType = hasType ? type : nil
    album.firstReleaseDate = fields.partialDate()
    album.rating = fields.rating()
    for _ in 0..<fields.int() { album.mergedIDs.append(fields.id()) }
    for _ in 0..<fields.int() { album.secondaryTypes.append(fields.text()) }
    var statuses: [Int] = []
    for _ in 0..<fields.int() { statuses.append(fields.int()) }
    album.statuses = try assembly.statuses(statuses)
    assembly.add(album: album, id: key, artist: artist)
  }
}

extension ArtistJoin {
  /// The records of an artist, read.
  fileprivate struct Parts {
    struct Alias {
      var row: Int
      var name: String
      var sortName: String
      var type: Int?
      var locale: String?
      var isPrimary: Bool
    }

    var artist: Artist?
    var type: Int?
    var rating = Rating.none
    var aliases: [Alias] = []
    var links: [DumpNames.Link] = []
    var tags: [(tag: Int, count: Int)] = []
    var credits: [(references: Int, name: String)] = []

    mutating func add(_ kind: UInt8, _ fields: inout RecordFields) {
      switch kind {
      case ArtistRecord.artist:
        var artist = Artist(id: fields.id(), name: fields.text(), sortName: fields.text())
        artist.disambiguation = fields.text()
        type = fields.optionalInt()
        artist.hasEnded = fields.byte() == 1
        self.artist = artist
      case ArtistRecord.meta: rating = fields.rating()
      case ArtistRecord.alias:
        var alias = Alias(
          row: fields.int(), name: fields.text(), sortName: fields.text(), type: fields.optionalInt(), isPrimary: false)
        if fields.byte() == 1 { alias.locale = fields.text() }
        alias.isPrimary = fields.byte() == 1
        aliases.append(alias)
      case ArtistRecord.link: links.append(fields.link())
      case ArtistRecord.tag: tags.append((fields.int(), fields.int()))
      default: credits.append((fields.int(), fields.text()))
      }
    }
  }
}
