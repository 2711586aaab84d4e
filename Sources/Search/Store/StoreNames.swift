public import Core
public import Metadata
internal import SQLite
public import SQLiteStore

/// The names of the documents in the store, in the same file. They come when a document is kept, and go with it.
///
/// How well known somebody is nobody has counted; it is guessed from how many have rated it. An artist is named by the
/// last half of the id.
public final class StoreNames {
  private let file: StoreFile

  public init(_ file: StoreFile) { self.file = file }

  // MARK: - Keeping

  /// Keeps the names of artists and albums in the place of those that were kept before.
  public func keep(_ artists: [ArtistNames], _ albums: [StoredAlbumNames]) throws(SourceError) {
    var rows: [(id: MBID, rows: [Row])] = artists.map { artist in
      let popularity = StoreNames.popularity(artist.weight, of: 200_000)
      return (
        artist.id, NameEntries(artist).entries.map { Row(0, artist.id, popularity, $0, credit: "", words: $0.words) }
      )
    }
    for album in albums {
      let artist = StoreNames.popularity(album.artistWeight, of: 200_000)
      let popularity = min(1000, artist * 6 / 10 + StoreNames.popularity(album.names.weight, of: 300) * 4 / 10)
      let credit = Folding(album.names.credit).words
      rows.append(
        (
          album.names.id,
          NameEntries(album.names).entries.map {
            Row(1, album.artist, popularity, $0, credit: album.names.credit, words: $0.words(with: credit))
          }
        ))
    }
    rows = try changed(rows)
    guard !rows.isEmpty else { return }
    try file.write { connection throws(SQLiteFailure) in
      if try connection.int(StoreNamesStatement.exists) == nil {
        try connection.execute(String(decoding: PackageResources.store_names_sql, as: UTF8.self))
      }
      for (id, rows) in rows {
        try connection.run(StoreNamesStatement.forget, [.id(id)])
        for row in rows {
          try connection.run(StoreNamesStatement.add, row.values(id))
          for word in Set(row.words.split(separator: " ")) {
            try connection.run(StoreNamesStatement.addWord, [.text(String(word)), .int(row.isAlbum)])
          }
        }
      }
      try connection.run(StoreNamesStatement.count)
    }
  }

  /// Those that are not kept already as they are: most documents are computed again without another name.
  private func changed(_ rows: [(id: MBID, rows: [Row])]) throws(SourceError) -> [(id: MBID, rows: [Row])] {
    try file.read { connection throws(SQLiteFailure) in
      guard try connection.int(StoreNamesStatement.exists) != nil else { return rows }
      var changed: [(id: MBID, rows: [Row])] = []
      for (id, rows) in rows {
        var kept: [String] = []
        try connection.run(StoreNamesStatement.kept, [.id(id)]) { row throws(SQLiteFailure) in kept.append(row.text(0))
        }
        if kept.sorted() != rows.map({ "\($0.key)/\($0.name)/\($0.credit)" }).sorted() { changed.append((id, rows)) }
      }
      return changed
    }
  }

  /// 0 to 1000.
  private static func popularity(_ weight: Int, of most: Int) -> Int {
    min(1000, Int(1000 * Scale.logarithm(max(0, weight)) / Scale.logarithm(most)))
  }

  private struct Row {
    var isAlbum: Int64
    var artist: MBID
    var form: Int
    var popularity: Int
    var key: String
    var name: String
    var credit: String
    var words: String

    init(
      _ isAlbum: Int64, _ artist: MBID, _ popularity: Int, _ entry: NameEntries.Entry, credit: String, words: String
    ) {
      self.isAlbum = isAlbum
      self.artist = artist
      self.popularity = popularity
      form = entry.form.rawValue
      key = entry.key
      name = entry.name
      self.credit = credit
      self.words = words
    }

    func values(_ id: MBID) -> [SQLiteValue] {
      let scalars = Array(key.unicodeScalars)
      return [
        .id(id), .int(isAlbum), .int(Int64(StoreNames.number(artist))), .int(Int64(form)), .int(Int64(popularity)),
        .int(Int64(scalars.count)), .text(key), .text(String(String.UnicodeScalarView(scalars.reversed()))),
        .text(name), .text(credit), .text(words),
      ]
    }
  }

  static func number(_ artist: MBID) -> Int { Int(bitPattern: UInt(artist.low)) }

  // MARK: - What there is

  /// Changes when a name does; nil while there are none.
  public func generation() -> UInt64? {
    try? file.read { connection throws(SQLiteFailure) in
      guard try connection.int(StoreNamesStatement.exists) != nil else { return nil }
      return try connection.int(StoreNamesStatement.changes).map { UInt64(bitPattern: $0) }
    } ?? nil
  }
}

/// What an album in the store is called, and whose it is.
public struct StoredAlbumNames: Sendable {
  public var names: AlbumNames
  public var artist: MBID
  /// How well known that is; see ``Metadata/ArtistNames/references``.
  public var artistWeight: Int

  public init(_ names: AlbumNames, artist: MBID, artistWeight: Int = 0) {
    self.names = names
    self.artist = artist
    self.artistWeight = artistWeight
  }
}

extension StoreNames: NameTable {
  func ask(
    _ questions: [NameQuestion], by deadline: Deadline, _ receive: (Int, NameAnswer) -> Void
  ) throws(SourceError) {
    try file.read { connection throws(SQLiteFailure) in
      guard try connection.int(StoreNamesStatement.exists) != nil else { return }
      try connection.reading { () throws(SQLiteFailure) in
        for (index, question) in questions.enumerated() {
          try StoreQuestion(connection).answer(question) { receive(index, $0) }
        }
      }
    }
  }
}
