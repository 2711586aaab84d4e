public import Core

/// Lets processes agree on who does a piece of work, how often something was done, and what to leave alone. Everything
/// here expires by itself, after a time that the clock of the tier counts.
public protocol Coordination: AnyObject {
  /// Takes the lease of a piece of work.
  func acquire(_ name: String, seconds: Int64) -> LeaseOutcome

  /// Prolongs a lease.
  ///
  /// - Returns: false when it has meanwhile become somebody else's.
  func renew(_ lease: Lease, seconds: Int64) -> Bool

  /// Gives a lease back, unless it has meanwhile become somebody else's.
  func release(_ lease: Lease)

  func isHeld(_ name: String) -> Bool

  /// Adds to a counter that begins at 0 and is forgotten `seconds` after it began.
  ///
  /// - Returns: the new count.
  func count(_ name: String, by amount: UInt64, seconds: Int64) -> UInt64

  /// The counters' values, in the order of the names; nil where nothing has been counted.
  func counts(_ names: [String]) -> [UInt64?]

  func forget(_ names: [String])

  /// Makes all processes leave something alone.
  func pause(_ name: String, seconds: Int64)

  /// Whether each is left alone, in the order of the names.
  func arePaused(_ names: [String]) -> [Bool]

  /// Until when each is left alone, by the clock of whoever said so; nil where it is not, or nobody can tell.
  func pausedUntil(_ names: [String]) -> [UnixTime?]
}

extension Coordination {
  public func pausedUntil(_ names: [String]) -> [UnixTime?] { names.map { _ in nil } }
}

public enum LeaseOutcome {
  case held(Lease)
  /// Somebody else has it.
  case busy
  /// Nobody can say; the work is done without a lease.
  case unavailable
}

/// The right to do a piece of work, until it is given back or not renewed in time.
public struct Lease: Sendable {
  public let name: String
  /// Tells this holder from all others.
  let token: [UInt8]
}

/// Coordination through a tier that all processes share. While that is away, or where there is none, each process
/// coordinates only with itself.
public final class TierCoordination: Coordination {
  private let shared: (any CacheTier)?
  private let memory: any CacheTier
  private let prefix: String

  /// - Parameter namespace: keeps deployments apart that use the same servers.
  public init(shared: (any CacheTier)?, memory: any CacheTier = MemoryTier(limit: 1 << 20), namespace: String) {
    self.shared = shared
    self.memory = memory
    prefix = "\(CacheKey.safe(namespace)):"
  }

  private var tier: any CacheTier { shared.orWhileAway(memory) }

  // MARK: - Leases

  public func acquire(_ name: String, seconds: Int64) -> LeaseOutcome {
    var random = SystemRandomNumberGenerator()
    let lease = Lease(name: name, token: Array(String(random.next(), radix: 36).utf8))
    return switch tier.add(CacheItem(key("lease", name), lease.token, lifetime: seconds)) {
    case .added: .held(lease)
    case .exists: .busy
    case .unavailable: .unavailable
    }
  }

  public func renew(_ lease: Lease, seconds: Int64) -> Bool { replace(lease, lifetime: seconds) }

  public func release(_ lease: Lease) {
    // A tier has no "delete if": what is stored for no time at all is gone.
    _ = replace(lease, lifetime: 0)
  }

  private func replace(_ lease: Lease, lifetime: Int64) -> Bool {
    let key = key("lease", lease.name)
    let tier = tier
    let found = tier.read([key])[0]
    guard found.value == lease.token, let version = found.version else { return false }
    return tier.replace([ConditionalItem(CacheItem(key, lease.token, lifetime: lifetime), replacing: version)])
      == [.stored]
  }

  public func isHeld(_ name: String) -> Bool { tier.get([key("lease", name)])[0] != nil }

  // MARK: - Counters

  public func count(_ name: String, by amount: UInt64, seconds: Int64) -> UInt64 {
    let key = prefix + name
    return tier.increment(key, by: amount, lifetime: seconds) ?? memory.increment(key, by: amount, lifetime: seconds)
      ?? amount
  }

  public func counts(_ names: [String]) -> [UInt64?] {
    tier.get(names.map { prefix + $0 }).map { value in
      // memcached pads a counter that has become shorter with spaces.
      value.flatMap { UInt64(String(decoding: $0.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) }
    }
  }

  public func forget(_ names: [String]) {
    for name in names { tier.delete(prefix + name) }
  }

  // MARK: - Pauses

  public func pause(_ name: String, seconds: Int64) {
    let value = TierCoordination.mark + Array(" \((UnixTime.now + seconds).seconds)".utf8)
    tier.set([CacheItem(key("pause", name), value, lifetime: seconds)])
  }

  public func arePaused(_ names: [String]) -> [Bool] {
    tier.get(names.map { key("pause", $0) }).map { $0.map(TierCoordination.isMark) ?? false }
  }

  public func pausedUntil(_ names: [String]) -> [UnixTime?] {
    tier.get(names.map { key("pause", $0) }).map { value in
      guard let value, TierCoordination.isMark(value) else { return nil }
      let digits = value.dropFirst(TierCoordination.mark.count + 1)
      return Int64(String(decoding: digits, as: UTF8.self)).map { UnixTime(seconds: $0) }
    }
  }

  /// What a pause begins with; until when it lasts is behind that. Anything else under its key is somebody else's.
  private static let mark = Array("paused".utf8)

  private static func isMark(_ value: [UInt8]) -> Bool {
    value.starts(with: mark) && (value.count == mark.count || value[mark.count] == UInt8(ascii: " "))
  }

  private func key(_ kind: StaticString, _ name: String) -> String { "\(prefix)\(kind):\(name)" }
}
