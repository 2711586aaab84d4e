public import Cache
internal import Core

/// Lets the other processes know that one listens, and what has come.
struct Presence {
  private let coordination: any Coordination
  private let now: () -> UInt64
  private var lease: Lease?
  private var nextRenewal: UInt64 = 0

  static let name = "rabbitmq"
  static let (messages, dead) = ("rabbitmq:messages", "rabbitmq:dead")
  private static let leaseSeconds: Int64 = 60
  private static let renewalNanoseconds: UInt64 = 15_000_000_000
  private static let countSeconds: Int64 = 7 * 86_400

  init(_ coordination: any Coordination, now: @escaping () -> UInt64) {
    self.coordination = coordination
    self.now = now
  }

  mutating func renew() {
    guard now() >= nextRenewal else { return }
    nextRenewal = now() + Presence.renewalNanoseconds
    if let lease, coordination.renew(lease, seconds: Presence.leaseSeconds) { return }
    if case .held(let lease) = coordination.acquire(Presence.name, seconds: Presence.leaseSeconds) {
      self.lease = lease
    }
  }

  mutating func end() {
    if let lease { coordination.release(lease) }
    lease = nil
    nextRenewal = 0
  }

  func count(messages: Int, dead: Int) {
    _ = coordination.count(Presence.messages, by: UInt64(messages), seconds: Presence.countSeconds)
    if dead > 0 { _ = coordination.count(Presence.dead, by: UInt64(dead), seconds: Presence.countSeconds) }
  }
}

/// What a listener has noted for all processes.
public struct RabbitMQReport: Equatable, Sendable {
  public var isListening: Bool
  /// Within a week or so.
  public var messages: Int
  public var dead: Int

  public init(_ coordination: any Coordination) {
    isListening = coordination.isHeld(Presence.name)
    let counts = coordination.counts([Presence.messages, Presence.dead]).map { Int(clamping: $0 ?? 0) }
    messages = counts[0]
    dead = counts[1]
  }
}
