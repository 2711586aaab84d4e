public import Cache
internal import Core

/// Since when each component is as it is, and what was wrong with it last.
///
/// It is kept in the tier that the pool shares, so all processes tell the same; while that is away, or where there is none,
/// each process tells what it has seen itself. A change is noticed when somebody looks.
public final class ComponentHistory {
  struct Record: Equatable {
    var isUp: Bool
    var since: UnixTime
    var lastError: LastError?
  }

  struct LastError: Equatable {
    var text: String
    var time: UnixTime
  }

  private let tier: (any CacheTier)?
  private let prefix: String
  private let now: () -> UnixTime
  private var own: [String: Record] = [:]

  /// memcached takes more seconds than these for a date.
  private static let lifetime: Int64 = 30 * 86_400
  /// In bytes. What is told of a failure is a sentence.
  private static let longestText = 300
  /// Details that count seconds are a new text at every look; that alone is not worth a write.
  private static let shortestAge: Int64 = 60

  /// - Parameters:
  ///   - tier: what all processes share.
  ///   - namespace: keeps deployments apart that use the same servers.
  public convenience init(tier: (any CacheTier)?, namespace: String) {
    self.init(tier: tier, namespace: namespace, now: { .now })
  }

  init(tier: (any CacheTier)?, namespace: String, now: @escaping () -> UnixTime) {
    self.tier = tier
    prefix = "\(CacheKey.safe(namespace)):health:"
    self.now = now
  }

  /// Takes in how components are now.
  ///
  /// - Returns: what is known of each, in their order.
  func note(_ seen: [(name: String, state: Component.State)]) -> [Record] {
    let now = now()
    let shared = tier.flatMap { $0.isAvailable ? $0.read(seen.map { prefix + $0.name }) : nil }
    var changed: [ConditionalItem] = []
    let records = seen.enumerated().map { index, component in
      let found = shared.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      let known = found?.value.flatMap { Record($0, now: now) }
      let record = Record(
        component.state, after: ComponentHistory.later(known, own[component.name]), now: now,
        shortestAge: ComponentHistory.shortestAge, longestText: ComponentHistory.longestText)
      own[component.name] = record
      if record != known, let version = found?.version {
        let item = CacheItem(prefix + component.name, record.bytes, lifetime: ComponentHistory.lifetime)
        changed.append(ConditionalItem(item, replacing: version))
      }
      return record
    }
    // Who is overtaken has been told the same by another.
    if let tier, !changed.isEmpty { _ = tier.replace(changed) }
    return records
  }

  /// Who has seen the later change knows more: the shared tier does not hear of its own outage.
  private static func later(_ first: Record?, _ second: Record?) -> Record? {
    guard let first, let second else { return first ?? second }
    return second.since > first.since ? second : first
  }
}

extension ComponentHistory.Record {
  fileprivate init(
    _ state: Component.State, after last: ComponentHistory.Record?, now: UnixTime, shortestAge: Int64,
    longestText: Int
  ) {
    isUp = state.isUp
    since = last.map { $0.isUp == state.isUp ? $0.since : now } ?? now
    lastError = last?.lastError
    guard !state.isUp else { return }
    let isNew = last?.isUp != false || lastError == nil
    guard isNew || now - (lastError?.time ?? now) >= shortestAge else { return }
    lastError = .init(text: String(decoding: state.detail.utf8.prefix(longestText), as: UTF8.self), time: now)
  }

  /// `down 1764240000 1764240060 MusicBrainz database: does not answer`
  fileprivate var bytes: [UInt8] {
    var text = "\(isUp ? "up" : "down") \(since.seconds)"
    if let lastError { text += " \(lastError.time.seconds) \(lastError.text)" }
    return Array(text.utf8)
  }

  /// - Returns: nil for what is no record. It is out of a store that others may write to.
  fileprivate init?(_ bytes: [UInt8], now: UnixTime) {
    let parts = bytes.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 2 || parts.count == 4, parts[0] == "up" || parts[0] == "down",
      let since = Int64(parts[1]), since >= 0
    else { return nil }
    isUp = parts[0] == "up"
    // Clocks differ.
    self.since = min(UnixTime(seconds: since), now)
    if parts.count == 4, let time = Int64(parts[2]), time >= 0 {
      lastError = .init(text: parts[3], time: min(UnixTime(seconds: time), now))
    }
  }
}
