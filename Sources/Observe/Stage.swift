/// What a worker is at.
public enum Stage: UInt8, CaseIterable, Sendable {
  case idle
  /// Taking in a request.
  case reading
  /// Finding out what to answer, and putting it together.
  case answering
  /// Asking a tier of the cache.
  case cache
  /// Waiting for another process, which computes the same.
  case waiting
  /// Asking MusicBrainz, a search or a chart.
  case source
  /// Asking a provider.
  case provider
  case writing
  /// Computing anew what was served stale, or saving what was computed.
  case refreshing
  /// Working the queue of builds.
  case building
}

/// For whom a worker works.
public enum Occupation: UInt8, CaseIterable, Sendable {
  case none
  case request
  case refreshing
  case building
}

/// The method of a request, as far as it makes a difference here.
public enum RequestMethod: UInt8, CaseIterable, Sendable {
  case other, get, head, post, options

  init(_ name: String) {
    self =
      switch name {
      case "GET": .get
      case "HEAD": .head
      case "POST": .post
      case "OPTIONS": .options
      default: .other
      }
  }

  var name: String {
    switch self {
    case .other: "?"
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .options: "OPTIONS"
    }
  }
}

/// The routes as they are counted. What a client may make up is never a name here.
public enum RequestRoute: UInt8, CaseIterable, Sendable {
  /// No route, or none that is counted by itself.
  case other
  case info, health, metrics, artist, album, refresh, search, fingerprint, series, recent, chart, spotify, invalidate

  /// - Parameter pattern: a route's path, in which `*` stands for any segment.
  public init(pattern: [String]) {
    self =
      switch (pattern.first ?? "", pattern.last ?? "") {
      case (_, "refresh"): .refresh
      case (_, "fingerprint"): .fingerprint
      case ("", _): .info
      case ("health", _): .health
      case ("metrics", _): .metrics
      case ("artist", _): .artist
      case ("album", _): .album
      case ("search", _): .search
      case ("series", _): .series
      case ("recent", _): .recent
      case ("chart", _): .chart
      case ("spotify", _): .spotify
      case ("invalidate", _): .invalidate
      default: .other
      }
  }

  public var name: String { "\(self)" }
}

/// Outside services as they are counted.
public enum ProviderName: UInt8, CaseIterable, Sendable {
  case fanart, tadb, wikipedia, commons, caa, apple, billboard, lastfm, spotify, musicbrainz

  public init?(_ name: String) {
    guard let known = ProviderName.allCases.first(where: { $0.name == name }) else { return nil }
    self = known
  }

  public var name: String { "\(self)" }
}
