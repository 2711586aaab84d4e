internal import Core

extension Artist {
  init?(source json: JSONValue) {
    guard let id = json.id("id"), let name = json["name"].text, let sortName = json["sort"].text else { return nil }
    self.init(id: id, name: name, sortName: sortName)
    mergedIDs = json.ids("merged")
    aliases = json.texts("aliases")
    localeAliases = json["locales"].elements.compactMap(LocaleAlias.init(source:))
    disambiguation = json["note"].text ?? ""
    type = json["type"].text
    hasEnded = json["ended"].int == 1
    rating = Rating(source: json["ratings"])
    links = json.texts("links")
    genres = json.texts("genres")
  }
}

extension LocaleAlias {
  fileprivate init?(source json: JSONValue) {
    guard let locale = json["locale"].text, let name = json["name"].text, let sortName = json["sort"].text else {
      return nil
    }
    self.init(locale: locale, name: name, sortName: sortName, isPrimary: json["primary"].int == 1)
  }
}

extension AlbumSummary {
  /// - Returns: nil unless all of them can be read: a short list would make clients delete what is missing.
  static func list(source json: JSONValue) -> [AlbumSummary]? {
    guard json["albums"].isArray else { return nil }
    let albums = json["albums"].elements.compactMap(AlbumSummary.init(source:))
    return albums.count == json["albums"].elements.count ? albums : nil
  }

  private init?(source json: JSONValue) {
    guard let id = json.id("id"), let title = json["title"].text else { return nil }
    self.init(id: id, title: title)
    mergedIDs = json.ids("merged")
    primaryType = json["type"].text
    secondaryTypes = json.texts("types")
    statuses = json.texts("statuses")
    firstReleaseDate = PartialDate(source: json["date"])
    rating = Rating(source: json["ratings"])
  }
}

extension Album {
  init?(source json: JSONValue) {
    guard let id = json.id("id"), let title = json["title"].text, let artist = json.id("artist"),
      json["releases"].isArray
    else { return nil }
    self.init(id: id, title: title, artistID: artist)
    mergedIDs = json.ids("merged")
    disambiguation = json["note"].text ?? ""
    aliases = json.texts("aliases")
    primaryType = json["type"].text
    secondaryTypes = json.texts("types")
    firstReleaseDate = PartialDate(source: json["date"])
    artistIDs = json.ids("artists")
    rating = Rating(source: json["ratings"])
    links = json.texts("links")
    genres = json.texts("genres")
    frontCover = CoverArt(source: json["front"])
    mediumCover = CoverArt(source: json["medium"])
    releases = json["releases"].elements.compactMap(Release.init(source:))
    guard releases.count == json["releases"].elements.count, artistIDs.first == artist else { return nil }
  }
}

extension Release {
  fileprivate init?(source json: JSONValue) {
    guard let id = json.id("id"), let title = json["title"].text, json["media"].isArray else { return nil }
    self.init(id: id, title: title)
    mergedIDs = json.ids("merged")
    disambiguation = json["note"].text ?? ""
    status = json["status"].text
    date = PartialDate(source: json["date"])
    labels = json.texts("labels")
    countries = json.texts("countries")
    media = json["media"].elements.compactMap(Medium.init(source:))
    guard media.count == json["media"].elements.count else { return nil }
    // A form of before this was kept says nothing: then a release without tracks counts, as it did.
    hasKnownTracks = json["known"].int == 1
    artwork = ReleaseArtwork(source: json["art"])
  }
}

extension Medium {
  fileprivate init?(source json: JSONValue) {
    guard let position = json["position"].int, json["tracks"].isArray else { return nil }
    self.init(position: position)
    name = json["name"].text ?? ""
    format = json["format"].text
    tracks = json["tracks"].elements.compactMap(Track.init(source:))
    guard tracks.count == json["tracks"].elements.count else { return nil }
  }
}

extension Track {
  fileprivate init?(source json: JSONValue) {
    guard let id = json.id("id"), let recording = json.id("recording"), let artist = json.id("artist"),
      let title = json["title"].text, let number = json["number"].text, let position = json["position"].int
    else { return nil }
    self.init(
      id: id, recordingID: recording, artistID: artist, title: title, number: number, position: position)
    mergedIDs = json.ids("merged")
    mergedRecordingIDs = json.ids("recordings")
    length = json["length"].int
  }
}

extension Rating {
  fileprivate init(source json: JSONValue) {
    let value = json[1].int ?? -1
    self.init(count: json[0].int ?? 0, value: value < 0 ? nil : value)
  }
}

extension PartialDate {
  fileprivate init(source json: JSONValue) {
    self.init(year: json[0].int, month: json[1].int, day: json[2].int)
  }
}

extension ReleaseArtwork {
  fileprivate init?(source json: JSONValue) {
    self.init(hasFront: json[0].int == 1, hasBack: json[1].int == 1, count: json[2].int ?? 0)
  }
}

extension CoverArt {
  fileprivate init?(source json: JSONValue) {
    guard let release = json[0].text.flatMap({ MBID($0) }), let image = json[1].int else { return nil }
    self.init(release: release, image: Int64(image))
  }
}

extension JSONValue {
  fileprivate func id(_ name: String) -> MBID? { self[name].text.flatMap { MBID($0) } }
  fileprivate func ids(_ name: String) -> [MBID] { self[name].elements.compactMap { $0.text.flatMap { MBID($0) } } }
  fileprivate func texts(_ name: String) -> [String] { self[name].elements.compactMap(\.text) }
}
