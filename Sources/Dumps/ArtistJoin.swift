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
    _ key: Int, _ bytes: UnsafeRawBufferPointer, _ entries: [Partition.Entry]
  ) throws(DumpError) -> Joined? {
    var parts = Parts()
    var assembly = ArtistAssembly()
    for (status, name) in keys.statuses { assembly.add(status: name, id: status) }
    do throws(AssemblyFailure) {
      for entry in entries {
        var fields = RecordFields(bytes, at: entry.contents.lowerBound)
        if entry.kind == ArtistRecord.album {
          try ArtistJoin.add(album: &fields, of: key, to: &assembly)
        } else {
          parts.add(entry.kind, &fields)
        }
      }
      guard var artist = parts.artist else { return nil }
      artist.type = try DumpNames.name(parts.type, of: "type", in: keys.artistTypes)
      artist.rating = parts.rating
      artist.mergedIDs = parts.merged.inOrder
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
    record.append(number: key)
    record.append(album.id)
    record.append(text: album.title.utf8)
    record.append(bool: album.primaryType != nil)
    record.append(text: (album.primaryType ?? "").utf8)
    record.append(album.firstReleaseDate)
    record.append(optionalInt: album.rating.count)
    record.append(optionalInt: album.rating.value)
    record.append(ids: album.mergedIDs)
    record.append(number: album.secondaryTypes.count)
    for type in album.secondaryTypes { record.append(text: type.utf8) }
    record.append(number: summary.statuses.count)
    for status in summary.statuses { record.append(number: status) }
  }

  private static func add(
    album fields: inout RecordFields, of artist: Int, to assembly: inout ArtistAssembly
  ) throws(AssemblyFailure) {
    let key = fields.number()
    var album = AlbumSummary(id: fields.id(), title: fields.text())
    let hasType = fields.bool()
    let type = fields.text()
    album.primaryType = hasType ? type : nil
    album.firstReleaseDate = fields.date()
    album.rating = fields.rating()
    album.mergedIDs = fields.ids()
    album.secondaryTypes = (0..<fields.number()).map { _ in fields.text() }
    album.statuses = try assembly.statuses((0..<fields.number()).map { _ in fields.number() })
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
    var merged: [MBID] = []

    mutating func add(_ kind: UInt8, _ fields: inout RecordFields) {
      switch kind {
      case ArtistRecord.artist:
        var artist = Artist(id: fields.id(), name: fields.text(), sortName: fields.text())
        artist.disambiguation = fields.text()
        type = fields.optionalInt()
        artist.hasEnded = fields.bool()
        self.artist = artist
      case ArtistRecord.meta: rating = fields.rating()
      case ArtistRecord.alias:
        var alias = Alias(
          row: fields.number(), name: fields.text(), sortName: fields.text(), type: fields.optionalInt(),
          isPrimary: false)
        if fields.bool() { alias.locale = fields.text() }
        alias.isPrimary = fields.bool()
        aliases.append(alias)
      case ArtistRecord.link: links.append(fields.link())
      case ArtistRecord.tag: tags.append((fields.number(), fields.number()))
      case ArtistRecord.merged: merged.append(fields.id())
      default: credits.append((fields.number(), fields.text()))
      }
    }
  }
}
