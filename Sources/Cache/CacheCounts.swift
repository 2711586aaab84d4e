internal import CoreMetrics
internal import Documents

/// Counts what is found in the tiers of the cache.
public struct CacheCounts {
  /// The tiers by their place.
  enum Tier {
    case memory, shared, durable
  }

  private struct Pair {
    let hit: Counter
    let miss: Counter

    init(_ label: String, _ dimensions: [(String, String)]) {
      hit = Counter(label: label, dimensions: dimensions + [("result", "hit")])
      miss = Counter(label: label, dimensions: dimensions + [("result", "miss")])
    }

    func add(hits: Int, of all: Int) {
      if hits > 0 { hit.increment(by: hits) }
      if hits < all { miss.increment(by: all - hits) }
    }
  }

  private let all = Pair("linernotes_documents_total", [])
  private let memory: Pair
  private let shared: Pair?
  private let durable: Pair?

  /// - Parameters: what the shared and the durable tier are called; nil where there is none.
  public init(shared: String? = nil, durable: String? = nil) {
    func pair(_ name: String) -> Pair { Pair("linernotes_cache_lookups_total", [("tier", name)]) }
    memory = pair("memory")
    self.shared = shared.map(pair)
    self.durable = durable.map(pair)
  }

  /// What all tiers together had.
  func note(_ found: [Found]) { all.add(hits: CacheCounts.hits(found), of: found.count) }

  func note(_ found: [Found], in tier: Tier) { pair(tier)?.add(hits: CacheCounts.hits(found), of: found.count) }

  /// - Parameter keys: of these only the hot ones have been looked for.
  func note(_ found: [Found], _ keys: [CacheKey], in tier: Tier) {
    var asked = 0
    for key in keys where key.kind.isHot { asked += 1 }
    pair(tier)?.add(hits: CacheCounts.hits(found), of: asked)
  }

  func note(_ documents: [Document?], in tier: Tier) {
    pair(tier)?.add(hits: documents.count { $0 != nil }, of: documents.count)
  }

  private func pair(_ tier: Tier) -> Pair? {
    switch tier {
    case .memory: memory
    case .shared: shared
    case .durable: durable
    }
  }

  private static func hits(_ found: [Found]) -> Int {
    var hits = 0
    for one in found where one.document != nil { hits += 1 }
    return hits
  }
}
