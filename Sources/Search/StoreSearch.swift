public import Core

/// Search in the names of the documents in the store: what was once seen is found while nobody else can be asked.
public final class StoreSearch: SearchSource {
  private let names: StoreNames

  public let name = "store"

  public init(_ names: StoreNames) { self.names = names }

  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    let hits = try NameSearch(names).hits(request, by: deadline)
    // Among no names nothing is called so, and that is no answer.
    if hits.isEmpty { _ = try check(by: deadline) }
    return hits
  }

  public func isStale(by deadline: Deadline) -> Bool { false }

  public func check(by deadline: Deadline) throws(SourceError) -> String {
    guard names.generation() != nil else { throw SourceError(.empty, "names: the store has none") }
    return "names of stored documents"
  }

  public func generation(by deadline: Deadline) -> UInt64? { names.generation() }
}
