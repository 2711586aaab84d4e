public import Core

/// Leaves something alone that keeps failing, for longer each time, until one process of the pool has found out that it
/// works again.
public struct Breaker {
  public enum Verdict: Equatable, Sendable {
    case open
    /// It has kept failing, and this process is the one to find out whether it still does.
    case probing
    /// - Parameter isWorthProbing: whether a process without a waiting client should find that out.
    case closed(isWorthProbing: Bool)
  }

  public struct Policy: Sendable {
    /// How many points of failures since the last success close the breaker.
    public var tolerated: UInt64
    /// For how long a failure counts, in seconds.
    public var failureSeconds: Int64
    /// The first pause and the longest, in seconds; each is twice the one before.
    public var shortestPause: Int64
    public var longestPause: Int64

    public init(
      tolerated: UInt64 = 20, failureSeconds: Int64 = 300, shortestPause: Int64 = 30, longestPause: Int64 = 600
    ) {
      self.tolerated = tolerated
      self.failureSeconds = failureSeconds
      self.shortestPause = shortestPause
      self.longestPause = longestPause
    }
  }

  private let coordination: any Coordination
  private let policy: Policy
  private var probes: [String: Lease] = [:]
  /// Names with counters that have to be forgotten after a success.
  private var troubled: Set<String> = []

  private static let probeSeconds: Int64 = 15
  /// How long strikes are remembered, beyond the longest pause.
  private static let memorySeconds: Int64 = 3_600

  public init(_ coordination: any Coordination, policy: Policy = Policy()) {
    self.coordination = coordination
    self.policy = policy
  }

  /// Looks up what may be tried, in two trips for all names together.
  ///
  /// - Parameter isAwaited: whether a client waits for what is tried.
  public mutating func verdicts(on names: [String], isAwaited: Bool) -> [String: Verdict] {
    guard !names.isEmpty else { return [:] }
    let paused = coordination.arePaused(names)
    let counts = coordination.counts(names.flatMap { [strikes($0), failures($0)] })
    var verdicts: [String: Verdict] = [:]
    for (index, name) in names.enumerated() {
      let hasStruck = counts[2 * index] ?? 0 > 0
      if hasStruck || counts[2 * index + 1] != nil { troubled.insert(name) } else { troubled.remove(name) }
      verdicts[name] =
        if paused[index] {
          .closed(isWorthProbing: false)
        } else if !hasStruck {
          .open
        } else if isAwaited {
          .closed(isWorthProbing: true)
        } else {
          probe(name)
        }
    }
    return verdicts
  }

  /// How each is, without a change to anything, in two trips for all names together.
  public func conditions(of names: [String]) -> [Condition] {
    guard !names.isEmpty else { return [] }
    let paused = coordination.arePaused(names)
    let until = paused.contains(true) ? coordination.pausedUntil(names) : names.map { _ in nil }
    let counts = coordination.counts(names.flatMap { [strikes($0), failures($0)] })
    return names.indices.map { index in
      Condition(
        isPaused: paused[index], pausedUntil: paused[index] ? until[index] : nil,
        pauses: Int(clamping: counts[2 * index] ?? 0), failures: Int(clamping: counts[2 * index + 1] ?? 0))
    }
  }

  /// For whoever watches.
  public struct Condition: Equatable, Sendable {
    public var isPaused: Bool
    /// nil where nobody can tell.
    public var pausedUntil: UnixTime?
    /// How often it has been left alone since its last success.
    public var pauses: Int
    /// Points of failures that count at the moment.
    public var failures: Int
  }

  private mutating func probe(_ name: String) -> Verdict {
    switch coordination.acquire("probe:\(name)", seconds: Breaker.probeSeconds) {
    case .held(let lease):
      probes[name] = lease
      return .probing
    case .unavailable: return .probing
    case .busy: return .closed(isWorthProbing: false)
    }
  }

  /// One success says more than any number of failures.
  public mutating func succeeded(_ name: String) {
    if troubled.remove(name) != nil { coordination.forget([strikes(name), failures(name)]) }
    endProbe(name)
  }

  /// - Parameter points: how much the failure says.
  public mutating func failed(_ name: String, points: UInt64) {
    let wasProbing = probes[name] != nil
    defer { endProbe(name) }
    guard points > 0 else { return }
    troubled.insert(name)
    let count = coordination.count(failures(name), by: points, seconds: policy.failureSeconds)
    guard count >= policy.tolerated || wasProbing else { return }
    let strike = coordination.count(strikes(name), by: 1, seconds: policy.longestPause + Breaker.memorySeconds)
    let length = min(policy.shortestPause << Int64(min(max(strike, 1) - 1, 10)), policy.longestPause)
    coordination.pause(name, seconds: length)
    coordination.forget([failures(name)])
  }

  private mutating func endProbe(_ name: String) {
    if let lease = probes.removeValue(forKey: name) { coordination.release(lease) }
  }

  private func strikes(_ name: String) -> String { "strikes:\(name)" }
  private func failures(_ name: String) -> String { "failures:\(name)" }
}
