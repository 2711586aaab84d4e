public import Core
internal import Metadata

/// Fetches pages. What is behind it is wired by the application.
public protocol SearchTransport: AnyObject {
  /// Gets the pages at the same time; the answers are in their order.
  func get(_ urls: [String], by deadline: Deadline) -> [Result<SearchPage, SourceError>]
}

public struct SearchPage: Equatable, Sendable {
  public var status: Int
  public var body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// Search by MusicBrainz's own engine: a Solr server of one's own with MusicBrainz's plug-in, or the web service, which
/// is the same engine behind another door.
///
/// It finds candidates by words; they are ranked as those of our own index are, because it knows nothing of how well
/// known anybody is and prefers the shortest name.
public final class MusicBrainzSearch: SearchSource {
  public enum Server: Sendable {
    case solr(url: String, artistCore: String, albumCore: String)
    case webService(url: String)
  }

  private let server: Server
  private let transport: any SearchTransport
  private let timeoutMilliseconds: Int
  private let rows: Int
  private let now: () -> UInt64
  private var backoff = Backoff(shortestMilliseconds: 5_000, longestMilliseconds: 60_000)

  private static let mostRows = 100

  /// - Parameter rows: how many candidates are asked for, where more hits are not wanted.
  public init(
    _ server: Server, transport: any SearchTransport, timeoutMilliseconds: Int, rows: Int,
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds
  ) {
    self.server = server
    self.transport = transport
    self.timeoutMilliseconds = timeoutMilliseconds
    self.rows = rows
    self.now = now
  }

  public var name: String {
    switch server {
    case .solr: "solr"
    case .webService: "webservice"
    }
  }

  /// Whoever runs it keeps it up; nothing in its answers tells.
  public func isStale(by deadline: Deadline) -> Bool { false }

  /// What is indexed there is nobody's business here.
  public func generation(by deadline: Deadline) -> UInt64? { nil }

  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    let hits = try hits(request, by: deadline)
    guard hits.isEmpty, let reduced = MusicBrainzSearch.reduced(request) else { return hits }
    return try self.hits(reduced, by: deadline).map { SearchHit($0.entity, score: $0.score * 0.8) }
  }

  /// The request without what tags and lists add to titles, and with the first of several artists; nil if there is
  /// nothing to leave out.
  private static func reduced(_ request: SearchRequest) -> SearchRequest? {
    var reduced = request
    let phrase = Phrase(request.text)
    let plain = phrase.readings(in: 0..<phrase.words.count).filter { $0.cut >= .divider && $0.range.lowerBound == 0 }
    // One more request, not one for each: with as much left out as leaves a third.
    let least = phrase.length(0..<phrase.words.count) / 3
    let most =
      plain.filter { phrase.length($0.range) >= least }.max { $0.cost < $1.cost } ?? plain.min { $0.cost < $1.cost }
    if let most {
      reduced.text = phrase.words[most.range].joined(separator: " ")
    }
    reduced.artist = request.artist.map { Relaxation($0).firstArtist ?? $0 }
    return reduced == request ? nil : reduced
  }

  private func hits(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    let query = SearchQuery(request.text)
    guard !query.isEmpty else { return [] }
    var urls: [String] = []
    if request.scope != .albums { urls.append(url(.artist, query.text, nil, request.limit)) }
    if request.scope != .artists { urls.append(url(.album, query.text, request.artist, request.limit)) }
    var finds = Finds(query)
    MusicBrainzPages(try get(urls, by: deadline)).add(for: query, to: &finds)
    return Array(finds.hits(request.scope).prefix(request.limit))
  }

  public func check(by deadline: Deadline) throws(SourceError) -> String {
    switch server {
    case .solr(let url, let artistCore, let albumCore):
      _ = try get([artistCore, albumCore].map { "\(url)/\($0)/admin/ping?wt=json" }, by: deadline)
    // Its requests are too few to spend one on that.
    case .webService: break
    }
    return name
  }

  // MARK: - Asking

  private func get(_ urls: [String], by deadline: Deadline) throws(SourceError) -> [JSONValue] {
    guard backoff.isOpen(at: now()) else {
      throw SourceError(.unavailable, "\(name): has just failed, left alone for a moment")
    }
    let answers = transport.get(urls, by: deadline.orAfter(milliseconds: timeoutMilliseconds))
    var pages: [JSONValue] = []
    for answer in answers {
      switch answer {
      case .failure(let error):
        backoff.failed(at: now())
        throw error
      case .success(let page):
        guard page.status == 200 else {
          // What it says of the query is no reason to leave it alone.
          if page.status >= 500 || page.status == 429 { backoff.failed(at: now()) }
          throw SourceError(page.status >= 500 ? .unavailable : .failed, "\(name): answers \(page.status)")
        }
        guard let json = JSONValue(page.body), json.isObject else {
          throw SourceError(.failed, "\(name): answers what is not JSON")
        }
        pages.append(json)
      }
    }
    backoff.succeeded()
    return pages
  }

  private func url(_ kind: EntityID.Kind, _ text: String, _ artist: String?, _ limit: Int) -> String {
    let count = min(MusicBrainzSearch.mostRows, max(rows, limit))
    let lucene = artist.map { artist in
      let name = MusicBrainzSearch.escaped(artist)
      return
        "(\(MusicBrainzSearch.escaped(text))) AND (artist:(\(name)) OR artistname:(\(name)) OR creditname:(\(name)))"
    }
    let query = PercentEncoding.encoded(lucene ?? text)
    switch server {
    case .solr(let url, let artistCore, let albumCore):
      // `select` takes what people type, `advanced` takes Lucene's language.
      let core = kind == .artist ? artistCore : albumCore
      return "\(url)/\(core)/\(lucene == nil ? "select" : "advanced")?wt=mbjson&rows=\(count)&q=\(query)"
    case .webService(let url):
      let entity = kind == .artist ? "artist" : "release-group"
      return "\(url)/\(entity)?fmt=json&limit=\(count)&dismax=\(lucene == nil)&query=\(query)"
    }
  }

  /// Lucene's operators as plain characters, and its words for them in lower case.
  static func escaped(_ text: String) -> String {
    var result = ""
    for word in text.split(separator: " ") {
      if !result.isEmpty { result += " " }
      if ["AND", "OR", "NOT"].contains(word) {
        result += word.lowercased()
        continue
      }
      // An operator with a combining mark behind it is one character to Swift, and an operator to Lucene.
      for scalar in word.unicodeScalars {
        if #"+-&|!(){}[]^"~*?:\/"#.unicodeScalars.contains(scalar) { result.unicodeScalars.append("\\") }
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
