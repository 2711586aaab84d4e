public import Core
public import Logging

/// Search in the names that are here, of a dataset and of stored documents, and in MusicBrainz's own search. What
/// both find is one list, in which everything has its better score: here it is known how well known somebody is, there
/// is everybody.
///
/// While MusicBrainz cannot be asked the names here answer, but not that nothing is called so.
public final class MergedSearch: SearchSource {
  public enum Asking: Sendable {
    case always
    /// Where all of MusicBrainz is here: only when that finds nothing.
    case whenNothingIsFound
  }

  private let local: [any SearchSource]
  private let remote: (any SearchSource)?
  private let asking: Asking
  private let logger: Logger

  public var name: String { (local + [remote].compactMap(\.self)).map(\.name).joined(separator: " + ") }

  public init(local: [any SearchSource], remote: (any SearchSource)?, asking: Asking, logger: Logger) {
    self.local = local
    self.remote = remote
    self.asking = asking
    self.logger = logger
  }

  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    try answer(request, by: deadline).hits
  }

  public func answer(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> SearchAnswer {
    guard !SearchQuery(request.text).isEmpty else { return SearchAnswer(hits: []) }
    var lists: [[SearchHit]] = []
    var failure: SourceError?
    for source in local {
      do throws(SourceError) {
        lists.append(try source.search(request, by: deadline))
      } catch {
        // A store in which nothing has a name yet is none.
        if error.code != .empty {
          logger.warning("search does without", metadata: ["source": "\(source.name)", "reason": "\(error)"])
          failure = failure ?? error
        }
      }
    }
    let here = MergedSearch.merged(lists, request)
    guard let remote else {
      if lists.isEmpty { throw failure ?? SourceError(.empty, "search: there are no names") }
      return SearchAnswer(hits: here, isPartial: failure != nil)
    }
    if asking == .whenNothingIsFound, failure == nil, !here.isEmpty { return SearchAnswer(hits: here) }
    do throws(SourceError) {
      let there = try remote.answer(request, by: deadline)
      return SearchAnswer(
        hits: MergedSearch.merged([here, there.hits], request), isPartial: there.isPartial || failure != nil)
    } catch {
      if here.isEmpty { throw error }
      logger.info("search does without", metadata: ["source": "\(remote.name)", "reason": "\(error)"])
      return SearchAnswer(hits: here, isPartial: true)
    }
  }

  private static func merged(_ lists: [[SearchHit]], _ request: SearchRequest) -> [SearchHit] {
    var best: [EntityID: (score: Double, place: Int)] = [:]
    for (place, hit) in lists.joined().enumerated() {
      if let known = best[hit.entity] {
        best[hit.entity] = (max(known.score, hit.score), known.place)
      } else {
        best[hit.entity] = (hit.score, place)
      }
    }
    let sorted = best.sorted {
      $0.value.score == $1.value.score ? $0.value.place < $1.value.place : $0.value.score > $1.value.score
    }
    return sorted.map { SearchHit($0.key, score: $0.value.score) }.best(request.limit)
  }

  /// What is here must have been kept up, unless MusicBrainz itself is asked.
  public func isStale(by deadline: Deadline) -> Bool {
    remote == nil && local.allSatisfy { $0.isStale(by: deadline) }
  }

  public func check(by deadline: Deadline) throws(SourceError) -> String {
    var details: [String] = []
    var failure: SourceError?
    for source in local + [remote].compactMap(\.self) {
      do throws(SourceError) {
        details.append(try source.check(by: deadline))
      } catch {
        failure = error
      }
    }
    guard !details.isEmpty else { throw failure ?? SourceError(.empty, "search: there are no names") }
    return details.joined(separator: "; ")
  }

  public func generation(by deadline: Deadline) -> UInt64? {
    let generations = local.compactMap { $0.generation(by: deadline) }
    return generations.isEmpty ? nil : generations.reduce(FNV.start, FNV.combine)
  }
}
