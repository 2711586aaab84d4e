internal import Cache

/// Purges that were claimed together, cut into requests.
struct PurgeRun {
  private let purges: [QueuedPurge]
  private var rest: ArraySlice<(name: String, purge: Int)>
  /// The purges that the request under way is for.
  private var asked: Set<Int> = []
  private var unfinished: [Int]
  private var hasFailed: Set<Int> = []

  /// - Parameter names: what Cloudflare is to be told of each.
  init(_ purges: [QueuedPurge], names: [[String]]) {
    self.purges = purges
    unfinished = names.map(\.count)
    rest = names.enumerated().flatMap { index, names in names.map { (name: $0, purge: index) } }[...]
  }

  /// The names of the next request; nil when nothing is left to ask.
  mutating func next(upTo count: Int) -> [String]? {
    let part = rest.prefix(count)
    guard !part.isEmpty else { return nil }
    rest = rest.dropFirst(count)
    asked = Set(part.map(\.purge))
    part.forEach { unfinished[$0.purge] -= 1 }
    return part.map(\.name)
  }

  mutating func end(with outcome: Cloudflare.Outcome) {
    switch outcome {
    case .purged: break
    // Not these purges' fault: they were as good as never tried.
    case .throttled, .unauthorised: asked.forEach { unfinished[$0] = .max }
    case .refused, .failed: hasFailed.formUnion(asked)
    }
    asked = []
  }

  /// Those of which everything has been purged.
  var done: [QueuedPurge] { select { unfinished[$0] == 0 && !hasFailed.contains($0) } }
  var failed: [QueuedPurge] { select { hasFailed.contains($0) } }
  /// Those of which something is left.
  var left: [QueuedPurge] { select { unfinished[$0] != 0 && !hasFailed.contains($0) } }

  private func select(_ isMeant: (Int) -> Bool) -> [QueuedPurge] { purges.indices.filter(isMeant).map { purges[$0] } }
}
