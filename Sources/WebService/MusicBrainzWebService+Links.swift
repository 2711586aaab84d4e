public import Core
internal import HTTP
public import Metadata

/// What a web page is about.
struct LinkTarget: Equatable {
  enum Kind { case artist, releaseGroup, release }

  let kind: Kind
  let id: MBID

  /// - Returns: nil for what is neither an artist nor a release nor a release group.
  init?(ws2 relation: Node) throws(Unusable) {
    switch try relation.text("target-type") {
    case "artist": self.init(kind: .artist, id: try relation.node("artist").mbid("id"))
    case "release_group": self.init(kind: .releaseGroup, id: try relation.node("release_group").mbid("id"))
    case "release": self.init(kind: .release, id: try relation.node("release").mbid("id"))
    default: return nil
    }
  }

  private init(kind: Kind, id: MBID) {
    self.kind = kind
    self.id = id
  }
}

/// A web page that MusicBrainz knows.
struct LinkedPage {
  let address: String
  /// Sorted: ws/2 does not tell in which order they were entered.
  let targets: [LinkTarget]

  init(ws2 node: Node) throws(Unusable) {
    address = try node.text("resource")
    var targets: [LinkTarget] = []
    for relation in try node.nodes("relations") {
      if let target = try LinkTarget(ws2: relation) { targets.append(target) }
    }
    self.targets = targets.sorted { ($0.id.high, $0.id.low) < ($1.id.high, $1.id.low) }
  }
}

extension MusicBrainzWebService: LinkSource {
  private static let inc = "artist-rels+release-group-rels+release-rels"
  /// An id may stand for an artist or an album, and older links begin with http.
  private static let forms = ["https", "http"].flatMap { scheme in
    ["artist", "album"].map { "\(scheme)://open.spotify.com/\($0)/" }
  }
  /// How many requests one list of ids is worth. Whoever sends thousands asks again, for those that are not answered.
  private static let mostRequests = 4

  public func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] {
    let forms = MusicBrainzWebService.forms
    let most = MusicBrainzWebService.mostRequests * Question.mostAddresses / forms.count
    let ids = Array(ids.prefix(most))
    let pages = try pages(ids.flatMap { id in forms.map { "\($0)\(id)" } }, by: deadline)
    let byAddress = Dictionary(pages.map { (Array($0.address.utf8), $0.targets) }) { first, _ in first }
    var links: [SpotifyLink] = []
    for id in ids {
      let targets = forms.flatMap { byAddress[Array("\($0)\(id)".utf8)] ?? [] }
      if let artist = targets.first(where: { $0.kind == .artist }) {
        links.append(SpotifyLink(id: id, kind: .artist, target: artist.id))
      }
      if let group = targets.first(where: { $0.kind == .releaseGroup }) {
        links.append(SpotifyLink(id: id, kind: .album, target: group.id))
      } else if let release = targets.first(where: { $0.kind == .release }),
        let group = try groups(ofReleases: [release.id], by: deadline)[release.id]
      {
        links.append(SpotifyLink(id: id, kind: .album, target: group.id))
      }
    }
    return links
  }

  public func albums(
    ofReleasesOrGroups ids: [MBID], by deadline: Deadline
  ) throws(SourceError) -> [MBID: AlbumMatch] {
    try each(ids) { id throws(SourceError) in
      var group = try client.look(up: id, Question.releaseGroup, by: deadline) { node throws(Unusable) in
        try GroupReference(ws2: node)
      }
      if group == nil { group = try groups(ofReleases: [id], by: deadline)[id] }
      guard let group, let artist = group.artist else { return nil }
      return AlbumMatch(
        id: group.id, title: group.title, artistID: artist.id, artist: artist.name, date: group.date)
    }
  }

  /// The pages that MusicBrainz knows, of these.
  func pages(_ addresses: [String], by deadline: Deadline) throws(SourceError) -> [LinkedPage] {
    var pages: [LinkedPage] = []
    var rest = addresses[...]
    while !rest.isEmpty {
      let some = Array(rest.prefix(Question.mostAddresses))
      rest = rest.dropFirst(Question.mostAddresses)
      pages +=
        try client.look(up: .urls(some, inc: MusicBrainzWebService.inc), by: deadline) { node throws(Unusable) in
          // One that is asked for alone comes alone.
          guard node.has("urls") else { return [try LinkedPage(ws2: node)] }
          var pages: [LinkedPage] = []
          for page in try node.nodes("urls") { pages.append(try LinkedPage(ws2: page)) }
          return pages
        } ?? []
    }
    return pages
  }
}

extension MusicBrainzWebService {
  /// An answer to any question, for whoever understands it: at the permitted rate, as all others.
  ///
  /// - Parameter path: behind the base URL, with its query.
  public func get(_ path: String, by deadline: Deadline) throws(SourceError) -> (status: Int, body: [UInt8]) {
    let response = try client.send(path: path, by: deadline)
    return (response.status, response.body)
  }

  /// The same, for whoever asks many questions and may have no time for all of them: what was answered is kept, and a
  /// server that is busy is asked again.
  public func getKept(_ path: String, by deadline: Deadline) throws(SourceError) -> (status: Int, body: [UInt8]) {
    let body = try client.look(
      up: Question(path: path), tries: MusicBrainzWebService.searchTries, by: deadline
    ) { node throws(Unusable) in node.body }
    return body.map { (200, $0) } ?? (404, [])
  }
}
