public import Core

/// Search in the names of a file that is mapped into memory.
public final class MappedSearch: SearchSource {
  private let section: NameSection
  private let table: SectionNames
  private let isReadable: () -> Bool

  public let name = "dataset"

  /// - Parameter isReadable: whether the bytes are still there. Reading behind the end of a file that was cut off
  ///   would end the process.
  public init(_ section: NameSection, isReadable: @escaping () -> Bool = { true }) {
    self.section = section
    self.isReadable = isReadable
    table = SectionNames(section)
  }

  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    guard isReadable() else {
      throw SourceError(.unavailable, "names: somebody has written to the dataset since it was opened")
    }
    let hits = try NameSearch(table).hits(request, by: deadline)
    // Among no names nothing is called so, and that is no answer.
    if hits.isEmpty { _ = try check(by: deadline) }
    return hits
  }

  public func isStale(by deadline: Deadline) -> Bool { false }

  public func check(by deadline: Deadline) throws(SourceError) -> String {
    guard section.artistCount > 0 else { throw SourceError(.empty, "names: the dataset has none") }
    return "\(section.artistCount) artists, \(section.albumCount) albums"
  }

  /// Another file is another dataset, and begins with other documents.
  public func generation(by deadline: Deadline) -> UInt64? { section.fingerprint }
}
