internal import Core

/// Names of artists and albums that candidates are looked for in: the tables of the index, a section of a file.
protocol NameTable: AnyObject {
  /// Calls `receive` with the number of a question and each name that answers it. One trip for all questions.
  ///
  /// Every question has a limit of its own, which the best known names stay within.
  func ask(
    _ questions: [NameQuestion], by deadline: Deadline, _ receive: (Int, NameAnswer) -> Void
  ) throws(SourceError)
}

/// What a search asks of names. Artists are named by the keys that ``Candidate/artist`` has, which hold in one table
/// only.
enum NameQuestion {
  case artistsByKey([String])
  /// Artists whose key begins so.
  case artistsByBeginning(String)
  /// Artists whose name has all the words.
  case artistsByWords([String])
  case artistsByLikeness(SearchQuery.IntactEnds)
  /// Well-known artists whose keys have one of the lengths.
  case artistsKnown(lengths: [Int])

  case albumsByKey([String])
  case albumsByBeginning(String)
  /// Albums whose name and artists together have all the words.
  case albumsByWords([String])
  case albumsByLikeness(SearchQuery.IntactEnds)

  /// Albums with one of the keys, by artists with one of the others.
  case albumsByArtistsCalled([String], titles: [String])
  /// All albums of the artists, but for those with thousands.
  case albumsByArtists([Int])
  /// Albums of the artists with one of the keys, however many others there are.
  case albumsByArtistsAndKeys([Int], [String])
  /// Albums of artists who have too many to look through.
  case albumsByArtistsAndLikeness([Int], SearchQuery.IntactEnds)

  var isAboutAlbums: Bool {
    switch self {
    case .artistsByKey, .artistsByBeginning, .artistsByWords, .artistsByLikeness, .artistsKnown: false
    default: true
    }
  }

  /// How many names a table answers with at most, of each kind or end.
  enum Limit {
    static let key = 300
    static let beginning = 200
    static let words = 200
    static let likeness = 600
    static let known = 20_000
    static let called = 200
    static let pairs = 300
    static let albums = 3_000
    static let albumsByKey = 600
  }
}

struct NameAnswer {
  var candidate: Candidate
  /// Of ``NameQuestion/albumsByArtistsCalled(_:titles:)``: the artist, and by which key.
  var artist: (id: MBID, key: String)?
}
