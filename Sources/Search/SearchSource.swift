public import Core

/// Finds artists and albums by what they are called.
///
/// That nothing is called so is an empty answer; not being able to tell is an error.
public protocol SearchSource: AnyObject {
  /// The best hits first, each entity once.
  func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit]

  /// The same, with whether all could be asked.
  func answer(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> SearchAnswer

  /// Whether it answers from something that has not been kept up, so that another source is asked before it.
  func isStale(by deadline: Deadline) -> Bool

  /// Makes sure that it can answer, and says in a few words what there is.
  func check(by deadline: Deadline) throws(SourceError) -> String

  /// Changes when what it finds may have changed; nil when nobody can tell.
  func generation(by deadline: Deadline) -> UInt64?

  /// A word for logs and health: `solr`, `database`.
  var name: String { get }
}

extension SearchSource {
  public func answer(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> SearchAnswer {
    SearchAnswer(hits: try search(request, by: deadline))
  }
}

public struct SearchAnswer: Equatable, Sendable {
  /// The best first, each entity once.
  public var hits: [SearchHit]
  /// Whether more may be found soon: one of several sources could not be asked.
  public var isPartial: Bool

  public init(hits: [SearchHit], isPartial: Bool = false) {
    self.hits = hits
    self.isPartial = isPartial
  }
}

public struct SearchRequest: Hashable, Sendable {
  public enum Scope: String, Sendable {
    case artists, albums
    /// Both in one list.
    case everything = "all"
  }

  public var scope: Scope
  public var text: String
  /// For albums: by whom they are. Nil: by anyone.
  public var artist: String?
  public var limit: Int

  public init(_ scope: Scope, _ text: String, artist: String? = nil, limit: Int = 10) {
    self.scope = scope
    self.text = text
    self.artist = artist
    self.limit = limit
  }
}

public struct SearchHit: Equatable, Sendable {
  public var entity: EntityID
  /// 0…100, on one scale for artists and albums.
  public var score: Double

  public init(_ entity: EntityID, score: Double) {
    self.entity = entity
    self.score = score
  }
}
