public import Cache
public import Core

/// Whether a provider may be asked now: not while it is over its limit, has asked to be left alone, or keeps failing.
/// The whole pool goes by the same knowledge.
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

  typealias Verdict = Breaker.Verdict

  /// Of all failures since the last success. A time-out that a client's patience caused says little: a provider in
  /// another part of the world may just be slow to greet.
  static let failurePoints: UInt64 = 4
  static let impatientPoints: UInt64 = 1
  static let tolerated: UInt64 = 20

  /// For a provider that says "too many requests" and not for how long.
  static let pauseWithoutRetryAfter = 60

  /// Spotify has been seen to ask for hours.
  private static let longestRetryAfter = 86_400

  private let limiter: Limiter
  private let limit: Limit
  private let limits: [String: Limit]
  private let coordination: any Coordination
  private var breaker: Breaker
  private let now: () -> Int64
  private var recent: [String: [Int64]] = [:]

  /// - Parameters:
  ///   - limit: for every provider that has none of its own in `limits`.
  ///   - now: wall-clock time in milliseconds, by which all hosts of a pool tell the same windows apart.
  public init(
    limiter: Limiter, limit: Limit, limits: [String: Limit] = [:], coordination: any Coordination,
    now: @escaping () -> Int64 = { UnixTime.nowMilliseconds }
  ) {
    self.limiter = limiter
    self.limit = limit
    self.limits = limits
    self.coordination = coordination
    self.now = now
    breaker = Breaker(coordination, policy: .init(tolerated: Gate.tolerated))
  }

  /// Whether one more request may be sent, which is then counted.
  func admit(_ provider: String) -> Bool {
    let limit = limits[provider] ?? limit
    let now = now()
    switch limiter {
    case .nobody: return true
    case .process:
      var sent = recent[provider] ?? []
      // What lies in the future was counted before the clock was set back.
      sent.removeAll { $0 <= now - Int64(limit.windowMilliseconds) || $0 > now }
      defer { recent[provider] = sent }
      guard sent.count < limit.requests else { return false }
      sent.append(now)
      return true
    case .pool:
      let length = Int64(max(1, limit.windowMilliseconds))
      // Kept until the window is surely over on every clock.
      let count = coordination.count("ratelimit:\(provider):\(now / length)", by: 1, seconds: length / 1_000 + 2)
      return count <= UInt64(limit.requests)
    }
  }

  /// How many requests there may be in a window, as far as anybody counts.
  func requests(of provider: String) -> Int {
    if case .nobody = limiter { return .max }
    return max(1, (limits[provider] ?? limit).requests)
  }

  /// Whether the provider is left alone.
  func isPaused(_ provider: String) -> Bool { coordination.arePaused([provider])[0] }

  /// Looks up, at once, whether the providers may be asked.
  func verdicts(on providers: [String], isAwaited: Bool) -> [String: Verdict] {
    breaker.verdicts(on: providers, isAwaited: isAwaited)
  }

  /// What has come of asking.
  func report(_ provider: String, hasSucceeded: Bool, failures points: UInt64) {
    if hasSucceeded { breaker.succeeded(provider) } else { breaker.failed(provider, points: points) }
  }

  /// How the providers are, for whoever watches.
  public func conditions(of providers: [String]) -> [Breaker.Condition] { breaker.conditions(of: providers) }

  /// Leaves the provider alone for as long as it has asked for.
  func pause(_ provider: String, seconds: Int) {
    coordination.pause(provider, seconds: Int64(max(1, min(seconds, Gate.longestRetryAfter))))
  }
}
