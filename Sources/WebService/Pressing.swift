internal import Core
internal import Metadata

/// What a page of ``ListQuestion/releases(of:_:)`` tells of one release.
struct Pressing {
  var release: Release
  /// The release group that it belongs to.
  var group: MBID
  /// The artists that the credits of its tracks begin with, also of those that are not listed; each once.
  var artists: [MBID] = []
  /// Everybody in its own credit.
  var creditedTo: [MBID] = []

  /// A release all of whose tracks are videos or data does not count among the statuses of its group.
  var counts: Bool { !release.hasKnownTracks || release.media.contains { !$0.tracks.isEmpty } }

  init(ws2 node: Node) throws(Unusable) {
    group = try node.node("release-group").mbid("id")
    release = Release(id: try node.mbid("id"), title: try node.text("title"))
    release.disambiguation = try node.note("disambiguation")
    release.status = try node.optionalText("status")
    try readEvents(node)
    var labels: [String] = []
    for entry in try node.nodes("label-info") {
      if let label = try entry.optionalNode("label") { labels.append(try label.text("name")) }
    }
    release.labels = Reading.unique(labels)
    var seen: Set<MBID> = []
    for medium in try node.nodes("media") { release.media.append(try Medium(ws2: medium, of: &self, &seen)) }
    release.media.sort { $0.position < $1.position }
    if node.has("artist-credit") { creditedTo = try Reading.credit(node).map(\.id) }
    if let archive = try node.optionalNode("cover-art-archive") {
      release.artwork = ReleaseArtwork(
        hasFront: archive.isTrue("front"), hasBack: archive.isTrue("back"),
        count: try archive.optionalCount("count") ?? 0, isDarkened: archive.isTrue("darkened"))
    }
  }

  private mutating func readEvents(_ node: Node) throws(Unusable) {
    // They are missing where a release has neither a date nor a country.
    let events = try node.optionalNodes("release-events")
    let (day, country) = (try node.note("date"), try node.note("country"))
    guard !events.isEmpty || (day.isEmpty && country.isEmpty) else { throw Unusable("a release lacks its events") }
    var dates: [PartialDate] = []
    var countries: [String] = []
    for event in events {
      dates.append(try event.date("date"))
      if let area = try event.optionalNode("area") { countries.append(try area.text("name")) }
    }
    release.date = .earliest(of: dates)
    for country in countries where !release.countries.contains(country) { release.countries.append(country) }
    release.countries.sort()
  }
}

extension Medium {
  fileprivate init(ws2 node: Node, of pressing: inout Pressing, _ seen: inout Set<MBID>) throws(Unusable) {
    self.init(position: try node.count("position"))
    name = try node.note("title")
    format = try node.optionalText("format")
    // No list at all: nobody has entered the tracks. Then there are none to count either.
    var listed = try node.optionalNodes("tracks")
    let announced = try node.optionalCount("track-count") ?? 0
    guard listed.count >= announced else { throw Unusable("a medium lacks some of its tracks") }
    if let pregap = try node.optionalNode("pregap") { listed.append(pregap) }
    for track in listed {
      if let track = try Track(ws2: track, of: &pressing, &seen) { tracks.append(track) }
    }
    for track in try node.optionalNodes("data-tracks") { _ = try Track(ws2: track, of: &pressing, &seen) }
    tracks.sort { $0.position < $1.position }
  }
}

extension Track {
  /// - Returns: nil for a video, which is not listed.
  fileprivate init?(ws2 node: Node, of pressing: inout Pressing, _ seen: inout Set<MBID>) throws(Unusable) {
    pressing.release.hasKnownTracks = true
    let artist = try Reading.firstArtist(node).id
    if seen.insert(artist).inserted { pressing.artists.append(artist) }
    let recording = try node.node("recording")
    guard !recording.isTrue("video") else { return nil }
    self.init(
      id: try node.mbid("id"), recordingID: try recording.mbid("id"), artistID: artist, title: try node.text("title"),
      number: try node.note("number"), position: try node.count("position"))
    let itself = try node.optionalCount("length")
    length = try itself == nil ? recording.optionalCount("length") : itself
  }
}
