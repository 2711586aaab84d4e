internal import Metadata
internal import Postgres

/// Release groups whose artist credit leads to no artist. No artist lists them, and no list shows that it lacks one.
struct UncreditedAlbums {
  var count = 0
  /// Among how many they were found.
  var total = 0
  /// What the credits say, in lower case; empty where nothing is known of one.
  var credits: [String] = []

  /// From this many and this share on, one in so many, a table is not all there.
  private static let (many, share) = (10, 20)

  /// - Throws: if anybody's list may lack some of them: there are many, or nobody can tell whose they are.
  func check() throws(PostgresFailure) {
    let isTable = count >= UncreditedAlbums.many && count * UncreditedAlbums.share >= total
    if isTable || credits.contains("") { try fail() }
  }

  /// - Throws: if the list of one of these artists may lack some of them.
  func check(_ artists: some Sequence<Artist>) throws(PostgresFailure) {
    guard count > 0 else { return }
    try check()
    for artist in artists {
      let names = ([artist.name, artist.sortName] + artist.aliases).map { $0.lowercased() }
      if credits.contains(where: { credit in names.contains { credit.hasPrefix($0) } }) { try fail() }
    }
  }

  private func fail() throws(PostgresFailure) {
    throw PostgresFailure(.empty, "\(count) of the newest release groups are credited to nobody")
  }
}

extension UncreditedAlbums {
  init(_ row: inout PostgresRow) throws(PostgresFailure) {
    count = try row.int()
    total = try row.int()
    credits = try row.texts().map { $0.lowercased() }
  }
}
