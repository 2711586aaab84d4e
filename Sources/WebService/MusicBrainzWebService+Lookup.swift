public import Core
public import Metadata

extension MusicBrainzWebService: LookupSource {
  /// Release groups that a recording may be found on.
  private static let mostGroups = 50
  /// Recordings that are asked for, of all that a fingerprint may stand for: a request each.
  private static let mostRecordings = 8
  private static let mostAlbums = 5
  /// The relationship "part of", between release groups and series.
  private static let partOf: MBID = "01018437-91d8-36b9-bf89-3f885d53b5bd"

  /// Kind by kind: ws/2 does not tell what an id stands for.
  public func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] {
    let artist = try client.look(up: id, Question.artist, by: deadline) { node throws(Unusable) in try node.mbid("id") }
    if let artist { return [.artist(artist)] }
    let group = try client.look(up: id, Question.releaseGroup, by: deadline) { node throws(Unusable) in
      try node.mbid("id")
    }
    if let group { return [.album(group)] }
    if let group = try groups(ofReleases: [id], by: deadline)[id] { return [.album(group.id)] }
    let recording = try client.look(up: id, { .lookup(.recording, $0, inc: "artist-credits") }, by: deadline) {
      node throws(Unusable) in
      (id: try node.mbid("id"), artist: try Reading.firstArtist(node).id)
    }
    guard let recording else { return [] }
    let holders = try holders(of: recording.id, by: deadline)
    var groups: [MBID: GroupReference] = [:]
    for holder in holders { groups[holder.group.id] = holder.group }
    let ordered = groups.values.sorted { $0.isBefore($1) }.prefix(MusicBrainzWebService.mostGroups)
    return ordered.map { .album($0.id) } + [.artist(recording.artist)]
  }

  public func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] {
    var targets: [LinkTarget] = []
    for page in try pages(urls, by: deadline) { targets += page.targets }
    let artists = targets.filter { $0.kind == .artist }.map(\.id)
    var albums = targets.filter { $0.kind == .releaseGroup }.map(\.id)
    let releases = targets.filter { $0.kind == .release }.map(\.id)
    let groups = try groups(ofReleases: releases, by: deadline)
    albums += releases.compactMap { groups[$0]?.id }
    return artists.each.map { .artist($0) } + albums.each.map { .album($0) }
  }

  /// As the database does: first the album with a release that has as many tracks as there are recordings, then by the
  /// share of its tracks that they are. Of many recordings some are asked for that are far from each other, because
  /// those that stand for one track follow each other.
  public func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
    guard !recordings.isEmpty else { return [] }
    let count = min(recordings.count, MusicBrainzWebService.mostRecordings)
    let asked = (0..<count).map { recordings[$0 * recordings.count / count] }
    var releases: [MBID: (holder: Holder, matched: Int)] = [:]
    for recording in asked.each {
      for holder in try holders(of: recording, by: deadline) {
        releases[holder.release, default: (holder, 0)].matched += 1
      }
    }
    struct Score { var difference: Int, share: Double, group: GroupReference }
    var best: [MBID: Score] = [:]
    for (holder, matched) in releases.values {
      let score = Score(
        difference: abs(holder.tracks - recordings.count), share: Double(matched) / Double(max(holder.tracks, 1)),
        group: holder.group)
      if let known = best[holder.group.id], (known.difference, -known.share) <= (score.difference, -score.share) {
        continue
      }
      best[holder.group.id] = score
    }
    let ordered = best.values.sorted { left, right in
      if (left.difference, left.share) != (right.difference, right.share) {
        return (left.difference, -left.share) < (right.difference, -right.share)
      }
      return (left.group.id.high, left.group.id.low) < (right.group.id.high, right.group.id.low)
    }
    return ordered.prefix(MusicBrainzWebService.mostAlbums).map(\.group.id)
  }

  public func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] {
    try groups(ofReleases: ids, by: deadline).mapValues(\.id)
  }

  public func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] {
    let question: (MBID) -> Question = { .lookup(.series, $0, inc: "artist-credits+release-group-rels") }
    let parts = try client.look(up: id, question, by: deadline) { node throws(Unusable) in
      var parts: [SeriesPart] = []
      for relation in try node.nodes("relations") where try relation.text("target-type") == "release_group" {
        guard try relation.mbid("type-id") == MusicBrainzWebService.partOf else { continue }
        parts.append(try SeriesPart(ws2: relation))
      }
      return parts
    }
    return (parts ?? []).sorted { $0.isBefore($1) }.map(\.entry)
  }

  // MARK: - Releases and what they belong to

  /// The release groups of releases, with the artist that the credit begins with; what is no release is left out.
  func groups(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: GroupReference] {
    try each(ids) { id throws(SourceError) in
      try client.look(up: id, { .lookup(.release, $0, inc: "artist-credits+release-groups") }, by: deadline) {
        node throws(Unusable) in
        try GroupReference(ws2: try node.node("release-group"))
      }
    }
  }

  /// A release that a recording is on.
  private struct Holder {
    let release: MBID
    let group: GroupReference
    /// On all its media.
    let tracks: Int
  }

  private func holders(of recording: MBID, by deadline: Deadline) throws(SourceError) -> [Holder] {
    let list = ListQuestion(.release, of: .recording, recording, inc: "media+release-groups")
    let found = try client.list(list, by: deadline) { node throws(Unusable) in
      var tracks = 0
      for medium in try node.nodes("media") { tracks += try medium.count("track-count") }
      return Holder(
        release: try node.mbid("id"), group: try GroupReference(ws2: try node.node("release-group")), tracks: tracks)
    }
    // A recording that does not exist is on nothing.
    return found?.entries ?? []
  }
}

/// A release group as it is named in something else.
struct GroupReference {
  let id: MBID
  let title: String
  let date: PartialDate
  /// nil where the credit does not come with it.
  let artist: CreditedArtist?

  init(ws2 node: Node) throws(Unusable) {
    id = try node.mbid("id")
    title = try node.text("title")
    date = try node.date("first-release-date")
    artist = node.has("artist-credit") ? try Reading.firstArtist(node) : nil
  }

  /// The earliest first, and those without a date last, as the database has it: part by part.
  func isBefore(_ other: GroupReference) -> Bool {
    let parts = [self, other].map { [$0.date.year ?? .max, $0.date.month ?? .max, $0.date.day ?? .max] }
    if parts[0] != parts[1] { return parts[0].lexicographicallyPrecedes(parts[1]) }
    return (id.high, id.low) < (other.id.high, other.id.low)
  }
}

/// A place in a series.
private struct SeriesPart {
  let entry: SeriesEntry
  /// 0 where there is none.
  let order: Int
  let number: String

  init(ws2 relation: Node) throws(Unusable) {
    let group = try GroupReference(ws2: try relation.node("release_group"))
    guard let artist = group.artist else { throw Unusable("a release group in a series is credited to nobody") }
    entry = SeriesEntry(
      album: group.id, title: group.title, artist: artist.id, artistName: artist.name, date: group.date)
    order = try relation.optionalCount("ordering-key") ?? 0
    number = try relation.optionalNode("attribute-values")?.optionalText("number") ?? ""
  }

  /// MusicBrainz keeps the order as a number; where that is the same, what is printed decides: first what begins with
  /// digits, by their value.
  func isBefore(_ other: SeriesPart) -> Bool {
    if order != other.order { return order < other.order }
    let digits = [self, other].map { part in
      part.number.utf8.prefix { (0x30...0x39).contains($0) }.drop { $0 == 0x30 }
    }
    let has = [self, other].map { $0.number.utf8.first.map { (0x30...0x39).contains($0) } ?? false }
    if has[0] != has[1] { return has[0] }
    if digits[0].count != digits[1].count { return digits[0].count < digits[1].count }
    if !digits[0].elementsEqual(digits[1]) { return digits[0].lexicographicallyPrecedes(digits[1]) }
    if !number.utf8.elementsEqual(other.number.utf8) {
      return number.utf8.lexicographicallyPrecedes(other.number.utf8)
    }
    return (entry.album.high, entry.album.low) < (other.entry.album.high, other.entry.album.low)
  }
}

extension [MBID] {
  /// Each once, in the order in which they come first.
  var each: [MBID] {
    var seen: Set<MBID> = []
    return filter { seen.insert($0).inserted }
  }
}
