public import Cache
public import Core
internal import Documents
public import Metadata

extension CacheKey.Kind {
  /// Which artists and albums a search has found. Anybody can ask for any number of searches, and what they find is found
  /// again in milliseconds.
  static let search = CacheKey.Kind("search", parts: 2...2).with {
    $0.isDurable = false
    $0.origin = SearchCatalog.origin
  }
}

/// Answers searches with lists of artists and albums, each of which is kept as a document of ids and scores; and
/// understands what is pasted instead of typed.
public final class SearchCatalog {
  public struct Options: Sendable {
    /// How long a list stays fresh, in seconds.
    public var seconds: Int64 = 7 * 86_400
    /// How long it is believed that nothing is called so, in seconds.
    public var emptySeconds: Int64 = 3_600
    /// How long a list stays fresh that one of several sources could not add to, in seconds.
    public var partialSeconds: Int64 = 300

    public init() {}
  }

  public struct List: Sendable {
    public var hits: [(item: EntityID, score: Double)]
    public var expires: UnixTime
  }

  /// What lists of hits are made from, for ``DocumentStore/watch(_:_:)``: the index.
  public static let origin = "index"

  private let source: any SearchSource
  private let lookup: any LookupSource
  private let store: DocumentStore
  private let options: Options
  private let now: () -> UnixTime

  public init(
    source: any SearchSource, lookup: any LookupSource, store: DocumentStore, options: Options,
    now: @escaping () -> UnixTime = { .now }
  ) {
    self.source = source
    self.lookup = lookup
    self.store = store
    self.options = options
    self.now = now
  }

  /// The best hits first.
  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> List {
    let name = request.name
    let key = CacheKey(.search, named: name)
    let compute: DocumentStore.Compute<SourceError> = { [self] keys, deadline throws(SourceError) in
      let document = try self.document(of: request, by: deadline)
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, document) })
    }
    let document = try store.load([key], by: deadline, compute: compute)[0]
    // Keys are hashes, and who searches chooses what is hashed.
    if let list = SearchCatalog.list(in: document, named: name) { return list }
    let fresh = try self.document(of: request, by: deadline)
    return SearchCatalog.list(in: fresh, named: name) ?? List(hits: [], expires: now())
  }

  /// Has the list made anew when it is next asked for, because something in it is gone.
  public func forget(_ request: SearchRequest) { store.revoke([CacheKey(.search, named: request.name)]) }

  // MARK: - Lists as documents

  private func document(of request: SearchRequest, by deadline: Deadline) throws(SourceError) -> Document {
    let (hits, isPartial) = try find(request, by: deadline)
    var label: [UInt8] = []
    for hit in hits {
      if case .artist = hit.item { label.append(0) } else { label.append(1) }
      let score = UInt16(hit.score * 100)
      label.append(UInt8(truncatingIfNeeded: score >> 8))
      label.append(UInt8(truncatingIfNeeded: score))
    }
    let nothing = Fragment(uncompressed: [])
    return Document(
      parts: [.init(label: Array(request.name.utf8), nothing), .init(label: label, nothing)],
      references: hits.map(\.item.id),
      expires: now()
        + min(
          hits.isEmpty ? options.emptySeconds : options.seconds, isPartial ? options.partialSeconds : .max))
  }

  private static func list(in document: Document, named name: String) -> List? {
    guard document.parts.count == 2, document.parts[0].label.elementsEqual(name.utf8) else { return nil }
    let label = document.parts[1].label
    guard label.count == document.references.count * 3 else { return nil }
    let hits = document.references.enumerated().map { index, id in
      let score = Double(UInt16(label[index * 3 + 1]) << 8 | UInt16(label[index * 3 + 2])) / 100
      return (item: label[index * 3] == 0 ? EntityID.artist(id) : .album(id), score: score)
    }
    return List(hits: hits, expires: document.expires)
  }

  // MARK: - Finding

  private func find(
    _ request: SearchRequest, by deadline: Deadline
  ) throws(SourceError) -> (hits: [(item: EntityID, score: Double)], isPartial: Bool) {
    guard let reference = Reference(request.text) else {
      let answer = try source.answer(request, by: deadline)
      return (answer.hits.map { ($0.entity, $0.score) }, answer.isPartial)
    }
    let found: [EntityID]
    switch reference {
    case .id(let id): found = try lookup.identify(id, by: deadline)
    case .page(let urls): found = try lookup.identify(urls: urls, by: deadline)
    case .malformed: found = []
    }
    var seen: Set<EntityID> = []
    let wanted = found.filter { item in
      switch (request.scope, item) {
      case (.albums, .artist), (.artists, .album): false
      default: seen.insert(item).inserted
      }
    }
    return (wanted.prefix(request.limit).map { ($0, 100) }, false)
  }
}

extension SearchRequest {
  /// What tells one request from another.
  fileprivate var name: String {
    let parts = [scope.rawValue, String(limit), artist ?? "", text]
    return parts.joined(separator: "\u{1f}")
  }
}
