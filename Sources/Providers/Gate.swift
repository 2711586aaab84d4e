public import Cache
public import Core

/// Whether a provider may be asked now: not while it is over its limit, has asked to be left alone, or keeps failing.
/// The whole pool goes by the same knowledge, which lies in the shared tier; a process without one goes by its own.
public final class Gate {
  public struct Limit: Equatable, Sendable {
    public var requests: Int
    public var windowMilliseconds: Int

    public init(requests: Int, windowMilliseconds: Int) {
      self.requests = requests
      self.windowMilliseconds = windowMilliseconds
    }
  }

  /// Who counts requests.
  public enum Limiter: Sendable {
    case nobody
    /// Each process for itself, over a window that slides.
    case process
    /// All processes together, in windows that follow each other.
    case pool
  }

  enum Verdict: Equatable {
    case open
    /// It has kept failing, and this process is the one to find out whether it still does.
    case probing
    /// - Parameter isWorthProbing: whether somebody should find that out; not who has a client waiting.
    case closed(isWorthProbing: Bool)
  }

  private struct Pause {
    var until: Int64
    var strikes: Int
    /// Whether it must prove that it works again; not when it has itself said for how long.
    var needsProbe: Bool

    init(until: Int64, strikes: Int, needsProbe: Bool) {
      self.until = until
      self.strikes = strikes
      self.needsProbe = needsProbe
    }

    init?(_ bytes: [UInt8]) {
      let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
      guard fields.count == 3, let until = Int64(fields[0]), let strikes = Int(fields[1]) else { return nil }
      self.init(until: until, strikes: strikes, needsProbe: fields[2] == "1")
    }

    var encoded: [UInt8] { Array("\(until) \(strikes) \(needsProbe ? 1 : 0)".utf8) }
  }

  /// Of all failures since the last success. A time-out that a client's patience caused says little: a provider in
  /// another part of the world may just be slow to greet.
  static let failurePoints: UInt64 = 4
  static let impatientPoints: UInt64 = 1
  static let tolerated: UInt64 = 20

  /// For a provider that says "too many requests" and not for how long.
  static let pauseWithoutRetryAfter = 60

  private static let failureSeconds: Int64 = 300
  private static let shortestPause: Int64 = 30
  private static let longestPause: Int64 = 600
  private static let probeSeconds: Int64 = 15
  /// For how long it is remembered that a provider has to prove itself.
  private static let memorySeconds: Int64 = 3_600
  /// Spotify has been seen to ask for hours.
  private static let longestRetryAfter = 86_400

  private let limiter: Limiter
  private let limit: Limit
  private let limits: [String: Limit]
  private let shared: (any CacheTier)?
  private let memory = MemoryTier(limit: 1 << 20)
  private let namespace: String
  private let now: () -> Int64
  private var recent: [String: [Int64]] = [:]
  private var pauses: [String: Pause] = [:]
  private var haveFailed: Set<String> = []

  /// - Parameters:
  ///   - limit: for every provider that has none of its own in `limits`.
  ///   - now: wall-clock time in milliseconds.
  public init(
    limiter: Limiter, limit: Limit, limits: [String: Limit] = [:], shared: (any CacheTier)?, namespace: String,
    now: @escaping () -> Int64 = { UnixTime.nowMilliseconds }
  ) {
    self.limiter = limiter
    self.limit = limit
    self.limits = limits
    self.shared = shared
    self.namespace = CacheKey.safe(namespace)
    self.now = now
  }

  // MARK: - Limits

  /// Whether one more request may be sent, which is then counted.
  func admit(_ provider: String) -> Bool {
    let limit = limits[provider] ?? limit
    let now = now()
    switch limiter {
    case .nobody: return true
    case .process:
      var sent = recent[provider] ?? []
      sent.removeAll { $0 <= now - Int64(limit.windowMilliseconds) }
      defer { recent[provider] = sent }
      guard sent.count < limit.requests else { return false }
      sent.append(now)
      return true
    case .pool:
      let length = Int64(max(1, limit.windowMilliseconds))
      let window = now / length
      let key = "\(namespace):ratelimit:\(provider):\(window)"
      // Kept until the window is surely over on every clock.
      let expires = UnixTime(seconds: (window + 1) * length / 1_000 + 2)
      let count = tier.increment(key, by: 1, expires: expires) ?? memory.increment(key, by: 1, expires: expires) ?? 1
      return count <= UInt64(limit.requests)
    }
  }

  // MARK: - Pauses

  /// Looks up, at once, whether the providers may be asked.
  func verdicts(on providers: [String], isAwaited: Bool) -> [String: Verdict] {
    guard !providers.isEmpty else { return [:] }
    let values = tier.get(providers.flatMap { [pauseKey($0), failureKey($0)] })
    var verdicts: [String: Verdict] = [:]
    for (index, provider) in providers.enumerated() {
      pauses[provider] = values[2 * index].flatMap(Pause.init)
      if values[2 * index + 1] != nil { haveFailed.insert(provider) } else { haveFailed.remove(provider) }
      verdicts[provider] = verdict(on: provider, isAwaited: isAwaited)
    }
    return verdicts
  }

  private func verdict(on provider: String, isAwaited: Bool) -> Verdict {
    guard let pause = pauses[provider] else { return .open }
    if seconds < pause.until { return .closed(isWorthProbing: false) }
    guard pause.needsProbe else { return .open }
    if isAwaited { return .closed(isWorthProbing: true) }
    let isTaken =
      tier.add(probeKey(provider), [1], expires: UnixTime(seconds: seconds + Gate.probeSeconds)) == .exists
    return isTaken ? .closed(isWorthProbing: false) : .probing
  }

  /// What has come of asking. One success says more than any number of failures.
  func report(_ provider: String, hasSucceeded: Bool, failures points: UInt64, wasProbing: Bool) {
    if hasSucceeded {
      if haveFailed.contains(provider) { tier.delete(failureKey(provider)) }
      if pauses[provider] != nil { tier.delete(pauseKey(provider)) }
      if wasProbing { tier.delete(probeKey(provider)) }
      haveFailed.remove(provider)
      pauses[provider] = nil
      return
    }
    guard points > 0 else { return }
    let expires = UnixTime(seconds: seconds + Gate.failureSeconds)
    let count =
      tier.increment(failureKey(provider), by: points, expires: expires)
      ?? memory.increment(failureKey(provider), by: points, expires: expires) ?? points
    guard count >= Gate.tolerated || wasProbing else { return }
    let strikes = (pauses[provider]?.strikes ?? 0) + 1
    let length = min(Gate.shortestPause << Int64(min(strikes - 1, 10)), Gate.longestPause)
    set(Pause(until: seconds + length, strikes: strikes, needsProbe: true), provider)
    tier.delete(failureKey(provider))
  }

  /// Leaves the provider alone for as long as it has asked for.
  func pause(_ provider: String, seconds length: Int) {
    let length = Int64(max(1, min(length, Gate.longestRetryAfter)))
    set(Pause(until: seconds + length, strikes: pauses[provider]?.strikes ?? 0, needsProbe: false), provider)
  }

  private func set(_ pause: Pause, _ provider: String) {
    pauses[provider] = pause
    let memory = pause.needsProbe ? Gate.memorySeconds : 0
    tier.set(pauseKey(provider), pause.encoded, expires: UnixTime(seconds: pause.until + memory + 1))
  }

  private var seconds: Int64 { now() / 1_000 }

  private var tier: any CacheTier {
    if let shared, shared.isAvailable { return shared }
    return memory
  }

  private func pauseKey(_ provider: String) -> String { "\(namespace):pause:\(provider)" }
  private func failureKey(_ provider: String) -> String { "\(namespace):failures:\(provider)" }
  private func probeKey(_ provider: String) -> String { "\(namespace):probe:\(provider)" }
}
