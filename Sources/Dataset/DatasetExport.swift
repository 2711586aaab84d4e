public import Cache
public import Core
internal import Documents
public import Metadata

/// Gathers what a dataset file is to hold.
public final class DatasetExport {
  /// Called now and then; false ends the export.
  public typealias Report = (DatasetProgress) -> Bool

  public struct Options {
    /// How documents are spelled.
    public var catalog: Catalog.Options
    /// Whether what MusicBrainz said is written as well, in the form that no setting shapes. Only such a file can be
    /// imported; it is about twice as large.
    public var keepsSources: Bool

    public init(catalog: Catalog.Options, keepsSources: Bool) {
      self.catalog = catalog
      self.keepsSources = keepsSources
    }
  }

  private let options: Options
  /// Hears of every artist and album that is added.
  private let names: (any NameKeeper)?
  private let documents: CutDocuments
  private let writer: DatasetWriter
  public private(set) var progress = DatasetProgress()

  private static let page = 500
  /// Albums are large.
  private static let albumsAtOnce = 50
  private static var patience: Deadline { .after(milliseconds: 600_000, awaited: false) }

  public init(_ options: Options, to path: String, names: (any NameKeeper)? = nil) throws(DatasetError) {
    self.options = options
    self.names = names
    documents = CutDocuments(options.catalog)
    writer = try DatasetWriter(path: path)
  }

  /// Writes what was added.
  ///
  /// - Parameter names: writes what artists and albums are called.
  /// - Returns: the length of the file in bytes.
  public func finish(
    _ info: DatasetInfo, names: DatasetWriter.SectionContents? = nil
  ) throws(DatasetError) -> UInt64 {
    guard progress.documents > 0 else { throw DatasetError(.unsuitable, "there is nothing to export") }
    return try writer.finish(info, names: names)
  }

  // MARK: - From a store

  /// Adds what a store has kept of what MusicBrainz said.
  public func add(from store: any DurableTier, _ report: Report) throws(DatasetError) {
    for kind in [CacheKey.Kind.sourceArtist, .sourceAlbums, .sourceAlbum] {
      var last: MBID?
      while true {
        let rows = try DatasetError.asking { () throws(SourceError) in
          try store.scan(kind, after: last, limit: DatasetExport.page)
        }
        guard let end = rows.last else { break }
        last = end.id
        for row in rows {
          guard let document = row.document, try add(kept: document, CacheKey(kind, row.id)) else {
            progress.leftOut += 1
            continue
          }
        }
        try show(report)
      }
    }
  }

  /// - Returns: false when this version cannot read it.
  private func add(kept document: Document, _ key: CacheKey) throws(DatasetError) -> Bool {
    switch key.kind {
    case .sourceArtist:
      guard let artist = Artist(kept: document), artist.id == key.id else { return false }
      try add(artist, said: document.said, kept: document)
    case .sourceAlbums:
      guard let albums = AlbumSummary.list(kept: document) else { return false }
      try add(albums, of: key.id, said: document.said, kept: document)
    default:
      guard let album = Album(kept: document), album.id == key.id else { return false }
      try add(album, said: document.said, kept: document)
    }
    return true
  }

  // MARK: - From MusicBrainz

  /// Up to so many ids behind the one that the page before ended with; none at the end.
  public typealias Pages = (MBID?, Int) throws(SourceError) -> [MBID]

  /// Adds artists with all their albums, and the artists that those credit.
  ///
  /// - Parameter albumPages: the albums to add; nil for those that the artists list. The lists of artists that stand for
  ///   none are empty, so that whoever wants all albums has to name them.
  public func add(
    from source: any MetadataSource, artists artistPages: Pages, albums albumPages: Pages? = nil, _ report: Report
  ) throws(DatasetError) {
    var (artists, albums, credited): (Set<MBID>, Set<MBID>, Set<MBID>) = ([], [], [])
    try forEachPage(artistPages) { ids throws(DatasetError) in
      let said = UnixTime.now
      let discographies = try DatasetError.asking { () throws(SourceError) in
        try source.discographies(ids, albumless: options.catalog.albumlessArtists, by: DatasetExport.patience)
      }
      progress.unknown += ids.count { discographies[$0] == nil }
      var listed: [MBID] = []
      for discography in discographies.values where artists.insert(discography.artist.id).inserted {
        try add(discography.artist, said: said, kept: discography.artist.kept)
        try add(
          discography.albums, of: discography.artist.id, said: said, kept: AlbumSummary.kept(discography.albums))
        if albumPages == nil { listed += discography.albums.map(\.id).filter { albums.insert($0).inserted } }
      }
      try addAlbums(listed, source, crediting: &credited, report)
      try show(report)
    }
    if let albumPages {
      try forEachPage(albumPages) { ids throws(DatasetError) in
        try addAlbums(ids, source, crediting: &credited, report)
      }
    }
    try addArtists(Array(credited.subtracting(artists)), source)
  }

  private func forEachPage(
    _ pages: Pages, _ work: ([MBID]) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    var last: MBID?
    while true {
      let ids = try DatasetError.asking { () throws(SourceError) in try pages(last, DatasetExport.page) }
      guard let end = ids.last else { return }
      last = end
      try work(ids)
    }
  }

  private func addAlbums(
    _ ids: [MBID], _ source: any MetadataSource, crediting credited: inout Set<MBID>, _ report: Report
  ) throws(DatasetError) {
    for start in stride(from: 0, to: ids.count, by: DatasetExport.albumsAtOnce) {
      let page = Array(ids[start...].prefix(DatasetExport.albumsAtOnce))
      let said = UnixTime.now
      let found = try DatasetError.asking { () throws(SourceError) in
        try source.albums(page, by: DatasetExport.patience)
      }
      for (id, album) in found where album.id == id {
        try add(album, said: said, kept: album.kept)
        credited.formUnion(album.artistIDs)
      }
      try show(report)
    }
  }

  private func addArtists(_ ids: [MBID], _ source: any MetadataSource) throws(DatasetError) {
    for start in stride(from: 0, to: ids.count, by: DatasetExport.page) {
      let page = Array(ids[start...].prefix(DatasetExport.page))
      let said = UnixTime.now
      let found = try DatasetError.asking { () throws(SourceError) in
        try source.artists(page, by: DatasetExport.patience)
      }
      for (id, artist) in found where artist.id == id { try add(artist, said: said, kept: artist.kept) }
    }
  }

  // MARK: - One by one

  private func add(_ artist: Artist, said: UnixTime, kept: Document) throws(DatasetError) {
    try writer.add(documents.artist(artist, said: said), CacheKey(.artist, artist.id))
    try keep(kept, said, CacheKey(.sourceArtist, artist.id))
    for id in artist.mergedIDs { writer.addMerged(id, into: artist.id, .artist) }
    try DatasetError.asking { () throws(SourceError) in try names?.keep(artist) }
    progress.artists += 1
  }

  private func add(_ albums: [AlbumSummary], of artist: MBID, said: UnixTime, kept: Document) throws(DatasetError) {
    try writer.add(documents.albums(albums, said: said), CacheKey(.artistAlbums, artist))
    try keep(kept, said, CacheKey(.sourceAlbums, artist))
    progress.discographies += 1
  }

  private func add(_ album: Album, said: UnixTime, kept: Document) throws(DatasetError) {
    try writer.add(documents.album(album, said: said), CacheKey(.album, album.id))
    try keep(kept, said, CacheKey(.sourceAlbum, album.id))
    for id in album.mergedIDs { writer.addMerged(id, into: album.id, .album) }
    try DatasetError.asking { () throws(SourceError) in try names?.keep(album) }
    progress.albums += 1
  }

  private func keep(_ document: Document, _ said: UnixTime, _ key: CacheKey) throws(DatasetError) {
    guard options.keepsSources else { return }
    var document = document
    document.said = said
    try writer.add(document, key)
  }

  private func show(_ report: Report) throws(DatasetError) {
    guard report(progress) else { throw DatasetError(.interrupted, "interrupted; nothing was written") }
  }
}

extension DatasetError {
  /// What a source or a store answers.
  static func asking<Answer>(_ ask: () throws(SourceError) -> Answer) throws(DatasetError) -> Answer {
    do throws(SourceError) {
      return try ask()
    } catch {
      throw DatasetError(.source, error.description)
    }
  }
}
