public import Core
public import Logging

/// Several sources, asked in order until one can answer; those that have not been kept up are asked last.
public final class FallbackSearch: SearchSource {
  /// The preferred one first.
  public let parts: [any SearchSource]
  private let logger: Logger

  public var name: String { parts.map(\.name).joined(separator: ", ") }

  /// - Parameter sources: the preferred one first; at least one.
  public init(_ sources: [any SearchSource], logger: Logger) {
    parts = sources
    self.logger = logger
  }

  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    try answer(request, by: deadline).hits
  }

  public func answer(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> SearchAnswer {
    var failure: SourceError?
    var stale: [any SearchSource] = []
    for source in parts {
      if parts.count > 1, source.isStale(by: deadline) {
        stale.append(source)
        continue
      }
      do throws(SourceError) {
        return try source.answer(request, by: deadline)
      } catch {
        logger.warning("search falls back", metadata: ["source": "\(source.name)", "reason": "\(error)"])
        failure = failure ?? error
      }
    }
    for source in stale {
      do throws(SourceError) {
        return try source.answer(request, by: deadline)
      } catch {
        failure = failure ?? error
      }
    }
    throw failure ?? SourceError(.unavailable, "no search is configured")
  }

  public func check(by deadline: Deadline) throws(SourceError) -> String {
    var failure = SourceError(.unavailable, "no search is configured")
    for (index, source) in parts.enumerated() {
      do throws(SourceError) {
        return try source.check(by: deadline)
      } catch {
        if index == 0 { failure = error }
      }
    }
    throw failure
  }

  public func generation(by deadline: Deadline) -> UInt64? {
    parts.lazy.compactMap { $0.generation(by: deadline) }.first
  }

  public func isStale(by deadline: Deadline) -> Bool { parts.allSatisfy { $0.isStale(by: deadline) } }
}
