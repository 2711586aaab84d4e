internal import Core

/// A name that may be what is looked for.
struct Candidate {
  /// In what way the entity is called so.
  enum Form: Int {
    /// Its name.
    case name = 0
    /// A spelling on releases, a sort name, an alias.
    case alias = 1
    /// Its name without the article, or without that and any "and".
    case bareName = 2
    case bareAlias = 3
    /// A name of who is no artist, Various Artists for one: found only as whose an album is.
    case nobody = 4

    var isBare: Bool { self == .bareName || self == .bareAlias }
    var isAlias: Bool { self == .alias || self == .bareAlias }
  }

  var id: MBID
  /// The artist's key in the table of names; of an album, that of its first artist.
  var artist: Int
  var form: Form
  /// 0…1.
  var popularity: Double
  /// What the name, in this form, folds to.
  var key: String
  /// As it is written.
  var name: String
  /// Of an album: the artists as they are printed.
  var credit = ""
}
