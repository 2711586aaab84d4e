public import Cache
internal import Core
internal import Glibc

/// How many requests a client may make, counted by all processes together.
///
/// As behind nginx, a client that waits for each answer is slowed and never refused, and only many requests at once are
/// refused. nginx remembers when each client came last. Here there is nothing but counters, so a count lasts for one
/// window, which begins with the client's first request, and the client has its burst again in the next.
public final class ClientLimit {
  /// A rate and what may come on top of it.
  private struct Allowance {
    let name: StaticString
    /// Requests a second.
    let rate: Int
    let burst: Int
  }

  private let every: Allowance
  /// The routes that make the server forget what it knows cost most.
  private let forgetting: Allowance
  private let coordination: any Coordination
  private let now: () -> Int64
  private let wait: (_ milliseconds: Int) -> Void

  /// In milliseconds.
  private static let window = 10_000
  /// How long a request may be made to wait, in milliseconds. Meanwhile it occupies a process.
  private static let longestWait = 1_000
  /// The lower bits of a counter count requests. Above them is when the first of them came, in milliseconds.
  private static let countBits: UInt64 = 20

  /// - Parameters:
  ///   - rate: requests a second, at least 1.
  ///   - burst: how many may come at once on top of that.
  public convenience init(rate: Int, burst: Int, coordination: any Coordination) {
    self.init(
      rate: rate, burst: burst, coordination: coordination, now: { UnixTime.nowMilliseconds },
      wait: { _ = poll(nil, 0, Int32(clamping: $0)) })
  }

  init(
    rate: Int, burst: Int, coordination: any Coordination, now: @escaping () -> Int64,
    wait: @escaping (_ milliseconds: Int) -> Void
  ) {
    every = Allowance(name: "client", rate: max(1, rate), burst: burst)
    forgetting = Allowance(name: "forgetting-client", rate: 1, burst: min(10, burst))
    self.coordination = coordination
    self.now = now
    self.wait = wait
  }

  /// Counts a request, and waits until it may be answered.
  ///
  /// - Returns: nil when it may be answered; when it may not, after how many seconds the client should try again.
  func refusal(of client: ClientNetwork, isForgetting: Bool) -> Int? {
    if let seconds = refusal(of: client, by: every) { return seconds }
    return isForgetting ? refusal(of: client, by: forgetting) : nil
  }

  private func refusal(of client: ClientNetwork, by allowance: Allowance) -> Int? {
    let (count, elapsed) = count("\(allowance.name):\(client.name)")
    let early = (count - allowance.burst) * 1_000 / allowance.rate - elapsed
    guard early > 0 else { return nil }
    // Long enough for two that come one after the other, whatever the rate.
    if early <= max(ClientLimit.longestWait, 2_000 / allowance.rate) {
      wait(early)
      return nil
    }
    return (min(early, ClientLimit.window - elapsed) + 999) / 1_000
  }

  /// Counts a request. Where no store answers each process counts for itself, which lets everybody pass who has one to
  /// himself.
  ///
  /// - Returns: how many there were in the window, and how old that is in milliseconds.
  private func count(_ name: String) -> (count: Int, elapsed: Int) {
    let seconds = Int64(ClientLimit.window / 1_000)
    let value = coordination.count(name, by: 1, seconds: seconds)
    let now = UInt64(min(max(0, now()), 1 << 42))
    guard value > 1 else {
      // Only one process sees the 1. Those that count before it has added the time take the window for new, as it is.
      _ = coordination.count(name, by: now << ClientLimit.countBits, seconds: seconds)
      return (1, 0)
    }
    let begin = value >> ClientLimit.countBits
    // Clocks differ, and the value is out of a store that others may write to.
    let elapsed = begin == 0 || begin > now ? 0 : min(now - begin, UInt64(ClientLimit.window))
    return (Int(value & ((1 << ClientLimit.countBits) - 1)), Int(elapsed))
  }
}
