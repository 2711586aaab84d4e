public import Core
public import Metadata

/// Writes a ``NameSection`` from names in any order. What does not fit into the memory it may use goes to scratch files.
///
/// Artists are sorted by how well known they are, and their names by keys, ends and words as they get their numbers.
/// Albums wait beside their artists, from whom they have half of their popularity, and then go the same way.
public final class NameSectionWriter {
  public struct Summary: Equatable, Sendable {
    public var artists = 0
    public var artistNames = 0
    public var albums = 0
    public var albumNames = 0
    public var bytes = 0
  }

  private let folder: String
  /// Artists that stand for no artist. They are found only as whose an album is.
  private let excluded: Set<MBID>
  private let share: Int
  private var artists: RunSorter
  /// Albums and the numbers of artists, by the key of the artist in the source.
  private var joined: RunSorter
  private var mostArtistWeight = 0
  private var mostAlbumWeight = 0
  private var output: SectionOutput

  /// - Parameters:
  ///   - folder: for scratch files.
  ///   - memory: how many bytes may be sorted in memory.
  ///   - write: takes the section's bytes, in order.
  public init(
    scratch folder: String, memory: Int, excluded: Set<MBID> = [],
    _ write: @escaping ([UInt8]) throws(SourceError) -> Void
  ) {
    self.folder = folder
    self.excluded = excluded
    share = memory / 5
    artists = RunSorter(in: folder, memory: share)
    joined = RunSorter(in: folder, memory: share)
    output = SectionOutput(write)
  }

  public func add(_ artist: ArtistNames) throws(SourceError) {
    let isNobody = excluded.contains(artist.id)
    let weight = isNobody ? 0 : artist.weight
    mostArtistWeight = max(mostArtistWeight, weight)
    var record: [UInt8] = []
    record.append(sortable: ~weight, bytes: 8)
    record.append(sortable: artist.key, bytes: 8)
    record.append(artist.id)
    for var entry in NameEntries(artist).entries {
      if isNobody {
        entry.form = .nobody
        entry.words = ""
      }
      NameRecord.append(entry, words: entry.words, to: &record)
    }
    try artists.add(record)
  }

  public func add(_ album: AlbumNames) throws(SourceError) {
    let weight = album.weight
    mostAlbumWeight = max(mostAlbumWeight, weight)
    var record: [UInt8] = []
    record.append(sortable: album.artistKey, bytes: 8)
    // Behind the artist.
    record.append(1)
    record.append(sortable: album.key, bytes: 8)
    record.append(sortable: weight, bytes: 8)
    record.append(album.id)
    record.append(text: album.credit.utf8.prefix(NameRecord.longestText))
    let creditWords = Folding(album.credit).words
    for entry in NameEntries(album).entries {
      NameRecord.append(entry, words: entry.words(with: creditWords), to: &record)
    }
    try joined.add(record)
  }

  /// Writes the section; nothing can be added after it.
  public func finish() throws(SourceError) -> Summary {
    try output.append(NameSection.magic)
    let artistCounts = try writeArtists()
    let albumCounts = try writeAlbums(artistCount: artistCounts.entities)
    var trailer: [UInt8] = []
    for part in output.parts {
      trailer.append(uint64: part.offset)
      trailer.append(uint64: part.count)
    }
    trailer.append(uint32: artistCounts.rows)
    trailer.append(uint32: albumCounts.rows)
    trailer.append(uint32: NameSection.version)
    try output.append(trailer + NameSection.magic)
    return Summary(
      artists: artistCounts.entities, artistNames: artistCounts.rows, albums: albumCounts.entities,
      albumNames: albumCounts.rows, bytes: output.size)
  }

  private func writeArtists() throws(SourceError) -> (entities: Int, rows: Int) {
    let scale = max(Scale.logarithm(mostArtistWeight), 1)
    var sorted = artists
    artists = RunSorter(in: folder, memory: 0)
    var list = NameListWriter(in: folder, memory: share, isAlbums: false)
    var joined = self.joined
    try sorted.drain { record throws(SourceError) in
      var reader = RecordReader(record)
      let weight = ~reader.number(8)
      let key = reader.number(8)
      let popularity = min(1000, Int((1000 * Scale.logarithm(weight) / scale).rounded()))
      let number = list.entityCount
      var name: [UInt8]?
      try list.begin(reader.take(16), popularity: popularity)
      while let row = NameRecord(&reader) {
        name = name ?? Array(row.name)
        try list.add(row, credit: nil, &output)
      }
      var join: [UInt8] = []
      join.append(sortable: key, bytes: 8)
      join.append(0)
      join.append(sortable: number, bytes: 4)
      join.append(sortable: popularity, bytes: 2)
      join.append(contentsOf: name ?? [])
      try joined.add(join)
    }
    self.joined = joined
    try list.finish(&output)
    return (list.entityCount, list.rowCount)
  }

  private func writeAlbums(artistCount: Int) throws(SourceError) -> (entities: Int, rows: Int) {
    let scale = max(Scale.logarithm(mostAlbumWeight), 1)
    var byPopularity = RunSorter(in: folder, memory: share)
    var sorted = joined
    joined = RunSorter(in: folder, memory: 0)
    let nobody = (key: -1, number: Int(UInt32.max), popularity: 0, name: [UInt8]())
    var artist = nobody
    try sorted.drain { record throws(SourceError) in
      var reader = RecordReader(record)
      let key = reader.number(8)
      guard reader.number(1) == 1 else {
        artist = (key, reader.number(4), reader.number(2), Array(reader.rest))
        return
      }
      if artist.key != key { artist = nobody }
      let album = reader.number(8)
      let weight = reader.number(8)
      let popularity = 0.6 * Double(artist.popularity) + 400 * Scale.logarithm(weight) / scale
      let id = reader.take(16)
      let credit = reader.text()
      var next: [UInt8] = []
      next.append(sortable: 1000 - min(1000, Int(popularity.rounded(.toNearestOrEven))), bytes: 2)
      next.append(sortable: album, bytes: 8)
      next.append(sortable: artist.number, bytes: 4)
      next.append(contentsOf: id)
      // Most are credited as their artist is called.
      let isPlain = credit.elementsEqual(artist.name) && artist.number < artistCount
      next.append(isPlain ? 0 : 1)
      if !isPlain { next.append(text: credit) }
      next.append(contentsOf: reader.rest)
      try byPopularity.add(next)
    }

    var list = NameListWriter(in: folder, memory: share, isAlbums: true)
    try byPopularity.drain { record throws(SourceError) in
      var reader = RecordReader(record)
      let popularity = 1000 - reader.number(2)
      _ = reader.number(8)
      let artist = reader.number(4)
      let id = reader.take(16)
      var credit = reader.number(1) == 0 ? nil : Optional(reader.text())
      try list.begin(id, popularity: popularity, artist: artist)
      while let row = NameRecord(&reader) {
        try list.add(row, credit: credit, &output)
        credit = nil
      }
    }
    try list.finish(&output, artistCount: artistCount)
    return (list.entityCount, list.rowCount)
  }
}
