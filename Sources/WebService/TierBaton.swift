internal import Cache

/// The baton in the tier that all processes share.
final class TierBaton: Baton {
  private let tier: any CacheTier
  private let coordination: TierCoordination
  private let leaseName: String
  private let markKey: String
  private let boot: String
  private var lease: Lease?

  /// Longer than its holder goes without renewing it, whatever a tier makes of the last second.
  private static let leaseSeconds: Int64 = 5
  /// Where the mark is lost, the first to come waits for an interval.
  private static let markSeconds: Int64 = 86_400

  /// - Parameters:
  ///   - name: of whoever is asked.
  ///   - boot: see ``BatonMark/encoded(boot:)``.
  init(_ tier: any CacheTier, namespace: String, name: String, boot: String) {
    self.tier = tier
    // In place of a tier that is away, each process would coordinate with itself.
    coordination = TierCoordination(shared: nil, memory: tier, namespace: namespace)
    leaseName = "baton:\(CacheKey.safe(name))"
    markKey = "\(CacheKey.safe(namespace)):baton:\(CacheKey.safe(name))"
    self.boot = boot
  }

  func take() -> BatonOutcome {
    guard tier.isAvailable else { return .unavailable }
    switch coordination.acquire(leaseName, seconds: TierBaton.leaseSeconds) {
    case .held(let lease):
      self.lease = lease
      return .held
    case .busy: return .busy
    case .unavailable: return .unavailable
    }
  }

  func keep() -> Bool { lease.map { coordination.renew($0, seconds: TierBaton.leaseSeconds) } ?? false }

  func read() -> BatonMark {
    tier.get([markKey])[0].map { BatonMark(encoded: $0, boot: boot) } ?? .unknown
  }

  func write(_ mark: BatonMark) {
    // A late process must not put its earlier moment in the place of a later one.
    guard keep() else { return }
    tier.set([CacheItem(markKey, mark.encoded(boot: boot), lifetime: TierBaton.markSeconds)])
  }

  func giveBack() {
    if let lease { coordination.release(lease) }
    lease = nil
  }
}
