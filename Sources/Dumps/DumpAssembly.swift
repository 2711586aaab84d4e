internal import Cache
internal import Core
internal import Dataset
internal import Documents
internal import Metadata
internal import Search

/// Puts the rows together, and writes what comes of it. Threads make documents; one writes them.
struct DumpAssembly {
  private var rows: DumpRows
  private let writer: DatasetWriter
  private let names: NameSectionWriter
  private let options: DumpBuild.Options
  private let report: DumpBuild.Report
  private(set) var summary = DumpBuild.Summary()
  /// What series tell of artists.
  private var seriesArtists: [MBID: String] = [:]

  var vintage: String? { rows.vintage }
  var created: UnixTime { rows.created }
  /// Rows that were left out. Those of links are known when links have been written.
  var skipped: Int { rows.skipped + rows.links.dropped }

  init(
    _ rows: DumpRows, writer: DatasetWriter, names: NameSectionWriter, _ options: DumpBuild.Options,
    report: @escaping DumpBuild.Report
  ) {
    self.rows = rows
    self.writer = writer
    self.names = names
    self.options = options
    self.report = report
  }

  /// More teach nothing new.
  private static let mostSamples = 4_000

  // MARK: - Release groups

  fileprivate struct Albums: Sendable {
    var documents: [PackedDocument] = []
    var merged: [(id: MBID, survivor: MBID)] = []
    var names: [AlbumNames] = []
    /// By the key of the artist.
    var summaries: [(artist: Int, record: [UInt8])] = []
    var inSeries: [(key: Int, entry: SeriesEntry)] = []
    /// The recordings that they list.
    var recordings: [RecordingRow] = []
    var ids: [(key: Int, id: MBID)] = []
  }

  mutating func addAlbums() throws(DumpError) {
    let join = AlbumJoin(keys: rows.keys, albumless: options.catalog.albumlessArtists)
    let (said, wanted) = (rows.created, rows.series.wanted)
    let loose = DocumentPacking(.album, options.catalog)
    let samples = try samples(of: rows.groups) { key, bytes, entries throws(DumpError) in
      try join.join(key, bytes, entries).flatMap { joined in
        loose.sample(joined.album.id) { $0.album(joined.album, said: said) }
      }
    }
    let packing = try loose.learned(from: samples, writer)
    try forEachBatch(of: rows.groups, stage: .albums) { key, bytes, entries, batch throws(DumpError) in
      guard let joined = try join.join(key, bytes, entries) else { return }
      let album = joined.album
      batch.documents.append(packing.pack(album.id) { $0.album(album, said: said) })
      for id in album.mergedIDs { batch.merged.append((id, album.id)) }
      batch.recordings += RecordingRow.rows(of: album, key)
      batch.ids.append((key, album.id))
      if let summary = joined.summary {
        var record: [UInt8] = []
        ArtistJoin.append(summary, key: key, to: &record)
        batch.summaries.append((joined.names.artistKey, record))
      }
      if wanted.contains(key) {
        batch.inSeries.append(
          (
            key,
            SeriesEntry(album: album.id, title: album.title, artist: album.artistID, date: album.firstReleaseDate)
          ))
      }
      batch.names.append(joined.names)
    } take: { (this: inout DumpAssembly, batch: Albums) throws(DumpError) in
      try this.write(batch.documents)
      for merge in batch.merged { this.writer.addMerged(merge.id, into: merge.survivor, .album) }
      for row in batch.recordings { try this.rows.links.add(row) }
      for (key, id) in batch.ids { this.rows.links.add(group: id, at: key) }
      for entry in batch.summaries {
        try this.rows.artists.add(ArtistRecord.album, key: entry.artist) { $0.append(contentsOf: entry.record) }
      }
      for (key, entry) in batch.inSeries {
        this.rows.series.groups[key] = entry
        this.seriesArtists[entry.artist] = ""
      }
      for album in batch.names { try DumpAssembly.naming { () throws(SourceError) in try this.names.add(album) } }
      this.summary.albums += batch.documents.count
    }
    // Nothing of it is needed any more.
    rows.keys.creditNames.removeAll()
  }

  // MARK: - Artists

  fileprivate struct Artists: Sendable {
    var documents: [PackedDocument] = []
    var merged: [(id: MBID, survivor: MBID)] = []
    var names: [ArtistNames] = []
  }

  mutating func addArtists() throws(DumpError) {
    let join = ArtistJoin(keys: rows.keys)
    let said = rows.created
    let looseArtists = DocumentPacking(.artist, options.catalog)
    let looseAlbums = DocumentPacking(.artistAlbums, options.catalog)
    var lists: [[UInt8]] = []
    let samples = try samples(of: rows.artists) { key, bytes, entries throws(DumpError) in
      guard let discography = try join.join(key, bytes, entries)?.discography else { return nil }
      if let list = looseAlbums.sample(discography.artist.id, { $0.albums(discography.albums, said: said) }) {
        lists.append(list)
      }
      return looseArtists.sample(discography.artist.id) { $0.artist(discography.artist, said: said) }
    }
    let artists = try looseArtists.learned(from: samples, writer)
    let albums = try looseAlbums.learned(from: lists, writer)
    try forEachBatch(of: rows.artists, stage: .artists) { key, bytes, entries, batch throws(DumpError) in
      guard let joined = try join.join(key, bytes, entries) else { return }
      let artist = joined.discography.artist
      batch.documents.append(artists.pack(artist.id) { $0.artist(artist, said: said) })
      batch.documents.append(albums.pack(artist.id) { $0.albums(joined.discography.albums, said: said) })
      for id in artist.mergedIDs { batch.merged.append((id, artist.id)) }
      batch.names.append(joined.names)
    } take: { (this: inout DumpAssembly, batch: Artists) throws(DumpError) in
      try this.write(batch.documents)
      for merge in batch.merged { this.writer.addMerged(merge.id, into: merge.survivor, .artist) }
      for artist in batch.names {
        if this.seriesArtists[artist.id] != nil { this.seriesArtists[artist.id] = artist.name }
        try DumpAssembly.naming { () throws(SourceError) in try this.names.add(artist) }
      }
      this.summary.artists += batch.names.count
    }
  }

  // MARK: - Series

  mutating func addSeries() throws(DumpError) {
    let seed = Document.packingSeed(kind: CacheKey.Kind.series.name)
    for series in rows.series.ids {
      var entries = try rows.series.list(of: series.key)
      for index in entries.indices { entries[index].artistName = seriesArtists[entries[index].artist] ?? "" }
      var known: Set<MBID> = []
      var document = Document(
        parts: [.init(Fragment(SeriesDocument.list(of: entries)))],
        references: entries.map(\.album).filter { known.insert($0).inserted }, expires: UnixTime(seconds: 0))
      document.said = rows.created
      try write([PackedDocument(key: CacheKey(.series, series.id), bytes: document.packed(as: series.id, seed: seed))])
      for id in rows.keys.mergedSeries[series.key] { writer.addMerged(id, into: series.id, .series) }
      summary.series += 1
    }
  }

  // MARK: - Links

  /// The sections that lead to artists and albums by something other than their ids.
  var links: DatasetWriter.Links {
    { [links = rows.links, artists = rows.keys.artists] places throws(SourceError) in
      links.sections(artists: artists, places)
    }
  }

  // MARK: - Samples

  /// What the documents of a kind have in common is learned from those of the first parts.
  private func samples(
    of partitions: Partitions,
    _ make: (Int, UnsafeRawBufferPointer, [Partition.Entry]) throws(DumpError) -> [UInt8]?
  ) throws(DumpError) -> [[UInt8]] {
    var samples: [[UInt8]] = []
    for part in try partitions.parts() where samples.count < DumpAssembly.mostSamples {
      try part.forEach { key, bytes, entries throws(DumpError) in
        guard samples.count < DumpAssembly.mostSamples else { return }
        if let sample = try make(key, bytes, entries) { samples.append(sample) }
      }
    }
    return samples
  }

  // MARK: - Threads

  /// Reads partitions with several threads, which make batches of what is in them, and takes the batches one by one.
  private mutating func forEachBatch<Batch: Sendable & Batching>(
    of partitions: Partitions, stage: DumpBuild.Progress.Stage,
    _ make:
      @escaping @Sendable (Int, UnsafeRawBufferPointer, [Partition.Entry], inout Batch) throws(DumpError) -> Void,
    take: (inout DumpAssembly, Batch) throws(DumpError) -> Void
  ) throws(DumpError) {
    let parts = Channel<Partition>(capacity: Partitions.count)
    for part in try partitions.parts() { parts.send(part) }
    parts.close()
    let messages = Channel<BatchMessage<Batch>>(capacity: options.threads * 4)
    defer {
      parts.abandon()
      messages.abandon()
    }
    var threads = 0
    for _ in 0..<options.threads {
      if WorkerThread({ DumpAssembly.work(parts, messages, make) }) != nil { threads += 1 }
    }
    guard threads > 0 else { throw DumpError(.inaccessible, "no thread can be started") }
    var done = 0
    while done < Partitions.count, let message = messages.receive() {
      switch message {
      case .batch(let batch): try take(&self, batch)
      case .partitionDone:
        done += 1
        let share = Double(done) / Double(Partitions.count)
        guard report(.init(stage: stage, share: share, artists: summary.artists, albums: summary.albums)) else {
          throw .interrupted
        }
      case .failed(let error): throw error
      }
    }
  }

  private static func work<Batch: Sendable & Batching>(
    _ parts: Channel<Partition>, _ messages: Channel<BatchMessage<Batch>>,
    _ make: (Int, UnsafeRawBufferPointer, [Partition.Entry], inout Batch) throws(DumpError) -> Void
  ) {
    while let part = parts.receive() {
      do throws(DumpError) {
        var batch = Batch()
        try part.forEach { key, bytes, entries throws(DumpError) in
          try make(key, bytes, entries, &batch)
          guard batch.isFull else { return }
          guard messages.send(.batch(batch)) else { throw .interrupted }
          batch = Batch()
        }
        part.discard()
        messages.send(.batch(batch))
        guard messages.send(.partitionDone) else { return }
      } catch {
        messages.send(.failed(error))
        return
      }
    }
  }

  private func write(_ documents: [PackedDocument]) throws(DumpError) {
    try DumpError.writing { () throws(DatasetError) in
      for document in documents { try writer.add(packed: document.bytes, said: rows.created, document.key) }
    }
  }

  private static func naming(_ work: () throws(SourceError) -> Void) throws(DumpError) {
    do throws(SourceError) {
      try work()
    } catch {
      throw DumpError(.inaccessible, error.description)
    }
  }
}

/// What threads hand over at once.
private protocol Batching {
  init()
  /// Whether it is to be handed over.
  var isFull: Bool { get }
}

extension DumpAssembly.Albums: Batching {
  var isFull: Bool { documents.count >= 200 }
}

extension DumpAssembly.Artists: Batching {
  var isFull: Bool { documents.count >= 1_000 }
}

private enum BatchMessage<Batch: Sendable>: Sendable {
  case batch(Batch)
  case partitionDone
  case failed(DumpError)
}
