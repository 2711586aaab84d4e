public import Cache
public import Core
internal import Documents

/// Charts, with their entries matched to MusicBrainz. They are kept for a day, and for longer where their publisher
/// fails.
public final class ChartDirectory {
  public enum Problem: SourceFailure, Equatable {
    case noSuchChart
    case source(SourceError)
    case publisher

    public init(_ error: SourceError) { self = .source(error) }
  }

  private let charts: any ChartSource
  private let matcher: any Matcher
  private let links: any LinkSource
  private let store: DocumentStore
  private let seconds: Int64
  private let now: () -> UnixTime

  /// - Parameter seconds: how long a chart is believed.
  public init(
    charts: any ChartSource, matcher: any Matcher, links: any LinkSource, store: DocumentStore, seconds: Int64,
    now: @escaping () -> UnixTime = { .now }
  ) {
    self.charts = charts
    self.matcher = matcher
    self.links = links
    self.store = store
    self.seconds = seconds
    self.now = now
  }

  public func chart(_ name: ChartName, by deadline: Deadline) throws(Problem) -> Catalog.Answer {
    guard charts.has(name) else { throw .noSuchChart }
    let key = CacheKey(.chart, named: name.text)
    let documents = try store.load([key], by: deadline) { [self] keys, deadline throws(Problem) in
      [keys[0]: try document(of: name, by: deadline)]
    }
    // Keys are hashes; what another chart has left there is not this one.
    guard let part = documents[0].parts.first, part.label.elementsEqual(name.text.utf8) else { throw .publisher }
    return Catalog.Answer(body: Body([part.fragment]), expires: documents[0].expires)
  }

  private func document(of name: ChartName, by deadline: Deadline) throws(Problem) -> Document {
    let entries: [ChartEntry]
    do throws(ServiceError) { entries = try charts.entries(of: name, by: deadline) } catch { throw .publisher }
    var json = JSONWriter(reservingCapacity: name.count * 256)
    var references: [MBID] = []
    do throws(SourceError) {
      switch name.content {
      case .album:
        let albums = try albums(entries, by: deadline).prefix(name.count)
        json.array(albums) { $0.chartItem($1) }
        references = albums.map(\.id)
      case .artist:
        let artists = try artists(entries, by: deadline).prefix(name.count)
        references = artists.map(\.id)
        json.array(artists) { json, artist in
          json.raw(#"{"ArtistName":"#)
          json.string(artist.name)
          json.raw(#","ArtistId":"#)
          json.mbid(artist.id)
          json.raw("}")
        }
      }
    } catch {
      throw .source(error)
    }
    return Document(
      parts: [.init(label: Array(name.text.utf8), Fragment(json.bytes))], references: references,
      expires: now() + seconds)
  }

  /// The albums that MusicBrainz knows, in the order of the chart, each once.
  private func albums(_ entries: [ChartEntry], by deadline: Deadline) throws(SourceError) -> [AlbumMatch] {
    let known = try links.albums(ofReleasesOrGroups: entries.compactMap(\.albumID), by: deadline)
    let names = entries.map { entry in entry.albumID.flatMap { known[$0] } == nil ? entry.albumNames : [] }
    var matches = try matcher.albums(names.flatMap(\.self), by: deadline)[...]
    var seen: Set<MBID> = []
    var albums: [AlbumMatch] = []
    for (entry, names) in zip(entries, names) {
      let match = entry.albumID.flatMap { known[$0] } ?? matches.prefix(names.count).lazy.compactMap(\.self).first
      matches = matches.dropFirst(names.count)
      if let match, seen.insert(match.id).inserted { albums.append(match) }
    }
    return albums
  }

  private func artists(_ entries: [ChartEntry], by deadline: Deadline) throws(SourceError) -> [ArtistMatch] {
    let names = entries.map { $0.artistID == nil ? $0.artistNames : [] }
    var matches = try matcher.artists(names.flatMap(\.self), by: deadline)[...]
    var seen: Set<MBID> = []
    var artists: [ArtistMatch] = []
    for (entry, names) in zip(entries, names) {
      let match =
        entry.artistID.map { ArtistMatch(id: $0, name: entry.artist) }
        ?? matches.prefix(names.count).lazy.compactMap(\.self).first
      matches = matches.dropFirst(names.count)
      if let match, seen.insert(match.id).inserted { artists.append(match) }
    }
    return artists
  }
}

extension JSONWriter {
  fileprivate mutating func chartItem(_ album: AlbumMatch) {
    raw(#"{"AlbumId":"#)
    mbid(album.id)
    raw(#","AlbumTitle":"#)
    string(album.title)
    raw(#","ArtistId":"#)
    mbid(album.artistID)
    raw(#","ArtistName":"#)
    string(album.artist)
    raw(#","ReleaseDate":"#)
    date(album.date)
    raw("}")
  }
}
