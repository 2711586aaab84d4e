internal import Cache
internal import Core
internal import Documents

/// What MusicBrainz said, as it is kept: JSON with the model's fields, whatever the settings are.
///
/// A later version may add fields; an earlier one passes over them. What is of an older form than this version's lacks
/// something: it counts as stale, so that it is used only where MusicBrainz cannot be asked.
enum SourceForm {
  /// 2: lengths of recordings, locales of aliases, and the statuses and covers that MusicBrainz itself would show.
  static let current = 2
  private static let oldest = 1

  static func document(_ json: JSONWriter, expires: UnixTime) -> Document {
    Document(parts: [.init(Fragment(json.bytes))], expires: expires)
  }

  /// - Returns: nil for what this version cannot read.
  static func read(_ document: Document) -> JSONValue? {
    guard document.state == .present, let part = document.parts.first else { return nil }
    let text = OutputBuffer()
    guard Body([part.fragment]).appendPlain(to: text), let json = JSONValue(text.bytes),
      json["form"].int ?? 0 >= oldest
    else { return nil }
    return json
  }

  /// The JSON of what is of this version's form; nil for all else.
  static func currentText(_ document: Document) -> [UInt8]? {
    guard document.state == .present, let part = document.parts.first else { return nil }
    let text = OutputBuffer()
    guard Body([part.fragment]).appendPlain(to: text) else { return nil }
    let bytes = Array(text.bytes)
    return bytes.starts(with: Array(#"{"form":\#(current),"#.utf8)) ? bytes : nil
  }

  static func isCurrent(_ json: JSONValue) -> Bool { json["form"].int ?? 0 >= current }
}

// MARK: - Writing

extension JSONWriter {
  static func source(_ artist: Artist) -> JSONWriter {
    var json = JSONWriter(reservingCapacity: 1024)
    json.open()
    json.id("id", artist.id)
    json.ids("merged", artist.mergedIDs)
    json.text("name", artist.name)
    json.text("sort", artist.sortName)
    json.texts("aliases", artist.aliases)
    json.locales("locales", artist.localeAliases)
    json.text("note", artist.disambiguation)
    json.text("type", artist.type)
    json.number("ended", artist.hasEnded ? 1 : 0)
    json.ratings(artist.rating)
    json.texts("links", artist.links)
    json.texts("genres", artist.genres)
    json.raw("}")
    return json
  }

  static func source(_ albums: [AlbumSummary]) -> JSONWriter {
    var json = JSONWriter(reservingCapacity: 64 + albums.count * 256)
    json.open()
    json.raw(#","albums":"#)
    json.array(albums) { json, album in
      json.raw(#"{"album":1"#)
      json.id("id", album.id)
      json.ids("merged", album.mergedIDs)
      json.text("title", album.title)
      json.text("type", album.primaryType)
      json.texts("types", album.secondaryTypes)
      json.texts("statuses", album.statuses)
      json.day("date", album.firstReleaseDate)
      json.ratings(album.rating)
      json.raw("}")
    }
    json.raw("}")
    return json
  }

  static func source(_ album: Album) -> JSONWriter {
    var json = JSONWriter(reservingCapacity: 4096)
    json.open()
    json.id("id", album.id)
    json.ids("merged", album.mergedIDs)
    json.text("title", album.title)
    json.text("note", album.disambiguation)
    json.texts("aliases", album.aliases)
    json.text("type", album.primaryType)
    json.texts("types", album.secondaryTypes)
    json.day("date", album.firstReleaseDate)
    json.id("artist", album.artistID)
    json.ids("artists", album.artistIDs)
    json.ratings(album.rating)
    json.texts("links", album.links)
    json.texts("genres", album.genres)
    json.cover("front", album.frontCover)
    json.cover("medium", album.mediumCover)
    json.raw(#","releases":"#)
    json.array(album.releases) { $0.source($1) }
    json.raw("}")
    return json
  }

  private mutating func source(_ release: Release) {
    raw(#"{"release":1"#)
    id("id", release.id)
    ids("merged", release.mergedIDs)
    text("title", release.title)
    text("note", release.disambiguation)
    text("status", release.status)
    day("date", release.date)
    texts("labels", release.labels)
    texts("countries", release.countries)
    number("known", release.hasKnownTracks ? 1 : 0)
    artwork("art", release.artwork)
    raw(#","media":"#)
    array(release.media) { json, medium in
      json.raw(#"{"medium":1"#)
      json.number("position", medium.position)
      json.text("name", medium.name)
      json.text("format", medium.format)
      json.raw(#","tracks":"#)
      json.array(medium.tracks) { $0.source($1) }
      json.raw("}")
    }
    raw("}")
  }

  private mutating func source(_ track: Track) {
    raw(#"{"track":1"#)
    id("id", track.id)
    ids("merged", track.mergedIDs)
    id("recording", track.recordingID)
    ids("recordings", track.mergedRecordingIDs)
    id("artist", track.artistID)
    text("title", track.title)
    if let length = track.length { number("length", length) }
    text("number", track.number)
    number("position", track.position)
    raw("}")
  }

  private mutating func open() {
    raw(#"{"form":"#)
    integer(SourceForm.current)
  }

  private mutating func member(_ name: StaticString) {
    raw(",\"")
    raw(name)
    raw("\":")
  }

  // What is empty is left out.

  private mutating func id(_ name: StaticString, _ id: MBID) {
    member(name)
    mbid(id)
  }

  private mutating func ids(_ name: StaticString, _ ids: [MBID]) {
    guard !ids.isEmpty else { return }
    member(name)
    mbids(ids)
  }

  private mutating func text(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    member(name)
    string(text)
  }

  private mutating func texts(_ name: StaticString, _ texts: [String]) {
    guard !texts.isEmpty else { return }
    member(name)
    strings(texts)
  }

  private mutating func locales(_ name: StaticString, _ aliases: [LocaleAlias]) {
    guard !aliases.isEmpty else { return }
    member(name)
    array(aliases) { json, alias in
      json.raw(#"{"alias":1"#)
      json.text("locale", alias.locale)
      json.text("name", alias.name)
      json.text("sort", alias.sortName)
      json.number("primary", alias.isPrimary ? 1 : 0)
      json.raw("}")
    }
  }

  private mutating func number(_ name: StaticString, _ number: Int) {
    member(name)
    integer(number)
  }

  private mutating func ratings(_ rating: Rating) {
    guard rating != .none else { return }
    member("ratings")
    array([rating.count, rating.value ?? -1]) { $0.integer($1) }
  }

  /// A part that is not known is null: 0 is a month, too, in a database that anybody may edit.
  private mutating func day(_ name: StaticString, _ date: PartialDate) {
    guard date != .unknown else { return }
    member(name)
    array([date.year, date.month, date.day]) { json, part in
      if let part { json.integer(part) } else { json.raw("null") }
    }
  }

  private mutating func artwork(_ name: StaticString, _ artwork: ReleaseArtwork?) {
    guard let artwork else { return }
    member(name)
    array([artwork.hasFront ? 1 : 0, artwork.hasBack ? 1 : 0, artwork.count]) { $0.integer($1) }
  }

  private mutating func cover(_ name: StaticString, _ cover: CoverArt?) {
    guard let cover else { return }
    member(name)
    raw("[")
    mbid(cover.release)
    raw(",")
    integer(Int(cover.image))
    raw("]")
  }
}
