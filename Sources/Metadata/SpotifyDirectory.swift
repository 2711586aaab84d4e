public import Cache
public import Core
internal import Documents

/// Finds what Spotify's ids are in MusicBrainz: by MusicBrainz's links, else by asking Spotify for the names and
/// searching for them. What was found, and that there is nothing, is remembered.
public final class SpotifyDirectory {
  public struct Options: Sendable {
    /// How alike title and artist must be, from 0 to 1.
    public var leastRatio = 0.8
    public var foundSeconds: Int64 = 30 * 86_400
    public var notFoundSeconds: Int64 = 30 * 86_400
    /// For how long it is believed that there is no link, where Spotify itself is not asked.
    public var unlinkedSeconds: Int64 = 300

    public init() {}
  }

  public struct Answer: Equatable, Sendable {
    /// nil when there is no counterpart.
    public var target: MBID?
    public var expires: UnixTime
  }

  /// What a list of ids is answered with, one each.
  public enum Knowledge: Equatable, Sendable {
    case known(MBID)
    case knownMiss
    case unknown
  }

  public enum Problem: Error, Equatable {
    case source(SourceError)
    case spotify
  }

  let links: any LinkSource
  private let matcher: any Matcher
  let spotify: (any SpotifyService)?
  let store: DocumentStore
  private let options: Options
  let now: () -> UnixTime

  /// - Parameter spotify: nil without credentials; then the links are all.
  public init(
    links: any LinkSource, matcher: any Matcher, spotify: (any SpotifyService)?, store: DocumentStore,
    options: Options, now: @escaping () -> UnixTime = { .now }
  ) {
    self.links = links
    self.matcher = matcher
    self.spotify = spotify
    self.store = store
    self.options = options
    self.now = now
  }

  /// The artist or album with the id. An old answer is better than none when nobody can be asked.
  public func find(_ kind: EntityID.Kind, _ id: SpotifyID, by deadline: Deadline) throws(Problem) -> Answer {
    let key = kind.key(ofSpotify: id)
    let cached = store.cached([key])[0].flatMap { $0.isAbout(id) ? $0 : nil }
    if let cached, !cached.isStale(at: now()) { return answer(cached) }
    do throws(Problem) {
      return try store.computing([key]) { () throws(Problem) in try look(kind, id, by: deadline) }
    } catch {
      guard let cached, cached.references.first != nil else { throw error }
      return answer(cached)
    }
  }

  /// What is known of each id, without asking Spotify: what is remembered, and one question to MusicBrainz for the rest.
  public func know(_ ids: [SpotifyID], by deadline: Deadline) -> [SpotifyID: Knowledge] {
    let cached = store.cached(SpotifyDirectory.keys(of: ids))
    var known: [SpotifyID: Knowledge] = [:]
    for (index, document) in cached.enumerated() {
      let id = ids[index % ids.count]
      guard let document, document.isAbout(id) else { continue }
      if let target = document.references.first {
        known[id] = .known(target)
      } else if !document.isStale(at: now()), known[id] == nil {
        known[id] = .knownMiss
      }
    }
    let missing = ids.filter { known[$0] == nil }
    guard !missing.isEmpty else { return known }
    store.computing(SpotifyDirectory.keys(of: missing)) {
      // Where MusicBrainz cannot be asked about the others, what is at hand is still right.
      let found = (try? links.links(toSpotify: missing, by: deadline)) ?? links.knownLinks(toSpotify: missing)
      remember(found)
      for link in found { known[link.id] = .known(link.target) }
    }
    return known
  }

  private static func keys(of ids: [SpotifyID]) -> [CacheKey] {
    EntityID.Kind.allCases.flatMap { kind in ids.map { kind.key(ofSpotify: $0) } }
  }

  func look(_ kind: EntityID.Kind, _ id: SpotifyID, by deadline: Deadline) throws(Problem) -> Answer {
    let found: [SpotifyLink]
    do throws(SourceError) { found = try links.links(toSpotify: [id], by: deadline) } catch { throw .source(error) }
    remember(found)
    if let link = found.first(where: { $0.kind == kind }) {
      return Answer(target: link.target, expires: now() + options.foundSeconds)
    }
    guard let spotify else { return miss(kind, id, seconds: options.unlinkedSeconds) }
    let work: SpotifyWork?
    do throws(ServiceError) { work = try spotify.work(kind, id, by: deadline) } catch { throw .spotify }
    guard let work else { return miss(kind, id, seconds: options.notFoundSeconds) }
    // Spotify adds to titles what shops do: "(Deluxe Edition)".
    let names = ChartEntry(title: work.album, artist: work.artist).albumNames
    let matches: [AlbumMatch?]
    do throws(SourceError) { matches = try matcher.albums(names, by: deadline) } catch { throw .source(error) }
    let match = zip(names, matches).lazy.compactMap { [options] name, match in
      match.flatMap { match in
        Similarity.ratio(match.title, name.title) >= options.leastRatio
          && Similarity.ratio(match.artist, name.artist) >= options.leastRatio ? match : nil
      }
    }.first
    guard let match else { return miss(kind, id, seconds: options.notFoundSeconds) }
    // The original forgets here that it has found an album, and answers the next who asks with 404.
    remember([
      SpotifyLink(id: work.artistID, kind: .artist, target: match.artistID),
      SpotifyLink(id: work.albumID, kind: .album, target: match.id),
      SpotifyLink(id: id, kind: kind, target: kind == .artist ? match.artistID : match.id),
    ])
    return Answer(
      target: kind == .artist ? match.artistID : match.id, expires: now() + options.foundSeconds)
  }

  private func answer(_ document: Document) -> Answer {
    Answer(target: document.references.first, expires: document.expires)
  }

  func remember(_ links: [SpotifyLink]) {
    var documents: [CacheKey: Document] = [:]
    for link in links {
      documents[link.kind.key(ofSpotify: link.id)] = Document(
        spotify: link.id, target: link.target, expires: now() + options.foundSeconds)
    }
    store.put(documents)
  }

  private func miss(_ kind: EntityID.Kind, _ id: SpotifyID, seconds: Int64) -> Answer {
    let expires = now() + seconds
    store.put([kind.key(ofSpotify: id): Document(spotify: id, target: nil, expires: expires)])
    return Answer(target: nil, expires: expires)
  }
}

extension Document {
  /// What a Spotify id stands for; nothing where `target` is nil. Keys are hashes, so the id goes with it.
  fileprivate init(spotify id: SpotifyID, target: MBID?, expires: UnixTime) {
    let label = Array(id.description.utf8)
    self.init(
      parts: [.init(label: label, Fragment(uncompressed: []))], references: target.map { [$0] } ?? [],
      expires: expires)
  }

  /// The Spotify id that it tells of.
  var spotifyID: SpotifyID? { parts.first.flatMap { SpotifyID(String(decoding: $0.label, as: UTF8.self)) } }

  fileprivate func isAbout(_ id: SpotifyID) -> Bool {
    parts.first?.label.elementsEqual(id.description.utf8) ?? false
  }
}
