internal import Cache
internal import Observe

/// What a worker does once its answer has been sent and nobody waits: it computes anew what was stale, saves what was
/// computed, and tells others of errors and sizes.
final class SpareTime {
  private let store: DocumentStore
  private let observation: WorkerObservation
  private let reporter: ErrorReporter?
  private let sizes: () -> PoolMetrics.Sizes
  /// Whether it is for this process to tell how large the caches are.
  private var owesSizes = false

  init(
    _ store: DocumentStore, _ observation: WorkerObservation, _ reporter: ErrorReporter?,
    sizes: @escaping () -> PoolMetrics.Sizes
  ) {
    self.store = store
    self.observation = observation
    self.reporter = reporter
    self.sizes = sizes
    observation.reporter = reporter
  }

  /// Asked with every request.
  var hasWork: Bool {
    if !owesSizes { owesSizes = observation.isSizeTurn() }
    return store.isBehind || owesSizes || reporter?.hasWork ?? false
  }

  var hasBacklog: Bool { store.hasBacklog || reporter?.hasBacklog ?? false }

  func use(whileNobodyWaits isSomebodyWaiting: () -> Bool) {
    store.catchUp(whileNobodyWaits: isSomebodyWaiting)
    if owesSizes { tellSizes() }
    withoutActuallyEscaping(isSomebodyWaiting) { reporter?.send(whileNobodyWaits: $0) }
  }

  private func tellSizes() {
    owesSizes = false
    guard let statsD = observation.statsD else { return }
    for tier in sizes().tiers {
      // The original's shared cache is a Redis, and boards ask for how many keys it has.
      if let size = tier.items ?? tier.bytes { statsD.setGauge("cache.size.\(tier.name)", size) }
      if tier.name == "memcached", let items = tier.items { statsD.setGauge("cache.size.redis", items) }
    }
  }

  /// What would go with this process.
  func end() {
    observation.statsD?.flush()
    reporter?.send()
  }
}
