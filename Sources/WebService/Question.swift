internal import Core
internal import HTTP

/// What ws/2 is asked: a path and a query, without the server's address. Equal questions have the same answer.
struct Question: Hashable {
  /// `artist/{id}?inc=…&fmt=json`
  let path: String

  init(path: String) { self.path = path }

  /// - Parameter inc: what is to come with it, joined by `+`.
  static func lookup(_ kind: Kind, _ id: MBID, inc: String) -> Question {
    Question(path: "\(kind.rawValue)/\(id)?\(inc.isEmpty ? "" : "inc=\(inc)&")fmt=json")
  }

  /// What MusicBrainz knows of web pages. Its server takes 100 addresses at once, and compares them to the letter.
  static func urls(_ addresses: [String], inc: String) -> Question {
    let resources = addresses.map { "resource=\(escaped($0))&" }.joined()
    return Question(path: "url?\(resources)inc=\(inc)&fmt=json")
  }

  static let mostAddresses = 100

  /// Colons and slashes may stand in a query: a hundred addresses with them escaped would be longer than the 8 KB that
  /// many servers take.
  private static func escaped(_ address: String) -> String {
    address.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.split(separator: ":", omittingEmptySubsequences: false).map { URLText.encoded($0) }.joined(separator: ":")
    }.joined(separator: "/")
  }

  /// A page of what the search index has of the release groups with an artist in their credit.
  static func indexedGroups(of artist: MBID, at offset: Int) -> Question {
    Question(path: "release-group?query=arid:\(artist)&limit=100&offset=\(offset)&fmt=json")
  }

  /// Under which is kept on which release an artist is; it is never asked.
  static func release(with artist: MBID) -> Question { Question(path: "release-with/\(artist)") }

  enum Kind: String {
    case artist, release, recording, series
    case releaseGroup = "release-group"
  }
}

extension Question {
  static func artist(_ id: MBID) -> Question { lookup(.artist, id, inc: ListQuestion.artistInc) }

  static func releaseGroup(_ id: MBID) -> Question {
    lookup(.releaseGroup, id, inc: ListQuestion.releaseGroupInc)
  }
}

/// A browse: all entities of a kind that are linked to one, asked for in pages.
struct ListQuestion: Hashable {
  let kind: Question.Kind
  /// `artist={id}`
  let link: String
  let inc: String

  init(_ kind: Question.Kind, of linked: Question.Kind, _ id: MBID, inc: String) {
    self.kind = kind
    link = "\(linked.rawValue)=\(id)"
    self.inc = inc
  }

  /// What the list is called in an answer: `release-groups`.
  var name: String { "\(kind.rawValue)s" }

  func page(at offset: Int) -> Question {
    Question(path: "\(kind.rawValue)?\(link)&inc=\(inc)&limit=100&offset=\(offset)&fmt=json")
  }

  /// The release groups whose credit names an artist, wherever in it; each as its look-up tells of it.
  static func releaseGroups(of artist: MBID) -> ListQuestion {
    ListQuestion(.releaseGroup, of: .artist, artist, inc: releaseGroupInc)
  }

  /// Of a release group or an artist. The same for all who want to know of releases, so that one can read what was asked
  /// for another.
  static func releases(of linked: Question.Kind, _ id: MBID) -> ListQuestion {
    ListQuestion(.release, of: linked, id, inc: "artist-credits+labels+media+recordings+release-groups")
  }

  /// All artists in the credits of a release and its tracks; each as its look-up tells of it.
  static func artists(of release: MBID) -> ListQuestion { ListQuestion(.artist, of: .release, release, inc: artistInc) }

  fileprivate static let artistInc = "aliases+genres+ratings+url-rels"
  fileprivate static let releaseGroupInc = "aliases+artist-credits+genres+ratings+url-rels"
}
