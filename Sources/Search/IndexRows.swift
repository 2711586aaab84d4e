internal import Core
internal import Metadata
internal import Postgres

/// The rows of the index that artists are found by, a column each.
struct ArtistRows {
  private(set) var keys: [Int] = []
  private var ids: [MBID] = []
  private var forms: [Int] = []
  private var weights: [Int] = []
  private var names: [(key: String, name: String, words: String)] = []

  var count: Int { keys.count }

  /// - Parameter isNobody: whether it stands for no artist. Its albums are no better known for that.
  mutating func add(_ artist: ArtistNames, isNobody: Bool = false) {
    let weight = isNobody ? 0 : artist.weight
    for entry in NameEntries(artist).entries {
      keys.append(artist.key)
      ids.append(artist.id)
      forms.append((isNobody ? .nobody : entry.form).rawValue)
      weights.append(weight)
      names.append((entry.key, entry.name, isNobody ? "" : entry.words))
    }
  }

  var parameters: [PostgresParameter] {
    [
      .int8s(keys.map(Int64.init)), .uuids(ids), .int8s(forms.map(Int64.init)), .int8s(weights.map(Int64.init)),
      .texts(names.map(\.key)), .texts(names.map(\.name)),
      .texts(names.map(\.words)),
    ]
  }
}

/// The rows of the index that albums are found by, a column each.
struct AlbumRows {
  private(set) var keys: [Int] = []
  private var ids: [MBID] = []
  private var artists: [Int] = []
  private var forms: [Int] = []
  private var weights: [Int] = []
  private var credits: [String] = []
  private var names: [(key: String, name: String, words: String)] = []

  var count: Int { keys.count }

  mutating func add(_ album: AlbumNames) {
    let weight = album.weight
    let creditWords = Folding(album.credit).words
    for entry in NameEntries(album).entries {
      keys.append(album.key)
      ids.append(album.id)
      artists.append(album.artistKey)
      forms.append(entry.form.rawValue)
      weights.append(weight)
      credits.append(album.credit)
      names.append((entry.key, entry.name, entry.words(with: creditWords)))
    }
  }

  var parameters: [PostgresParameter] {
    [
      .int8s(keys.map(Int64.init)), .uuids(ids), .int8s(artists.map(Int64.init)), .int8s(forms.map(Int64.init)),
      .int8s(weights.map(Int64.init)), .texts(names.map(\.key)),
      .texts(names.map(\.name)), .texts(credits), .texts(names.map(\.words)),
    ]
  }
}
