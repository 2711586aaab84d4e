public import Core

/// Names of a part of MusicBrainz, for when nobody who knows all can be asked. What they find is an answer, but not that
/// they find nothing.
public final class SpareSearch: SearchSource {
  private let names: any SearchSource

  public var name: String { names.name }

  public init(_ names: any SearchSource) { self.names = names }

  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    let hits = try names.search(request, by: deadline)
    guard !hits.isEmpty else { throw SourceError(.unavailable, "search: only a part of all names is here") }
    return hits
  }

  public func answer(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> SearchAnswer {
    SearchAnswer(hits: try search(request, by: deadline), isPartial: true)
  }

  /// So that it is asked last.
  public func isStale(by deadline: Deadline) -> Bool { true }

  /// It takes nobody's place: whatever else is missing is still to be set up.
  public func check(by deadline: Deadline) throws(SourceError) -> String {
    throw SourceError(.unavailable, "search: only a part of all names is here")
  }

  public func generation(by deadline: Deadline) -> UInt64? { nil }
}
