internal import Cache
internal import Core

/// What has become of the last request, as all processes know it: for whoever wants to know how ws/2 is without asking it.
final class AnswerRecord {
  enum Outcome: Equatable {
    case answered
    case failed
    /// It wants to be left alone for so long.
    case paused(seconds: Int64)
  }

  struct Entry: Equatable {
    var outcome: Outcome
    var time: UnixTime
  }

  private let shared: (any CacheTier)?
  private let memory = MemoryTier(limit: 4_096)
  private let key: String
  private let now: () -> UnixTime

  private static let seconds: Int64 = 30 * 86_400

  init(shared: (any CacheTier)?, namespace: String, now: @escaping () -> UnixTime = { .now }) {
    self.shared = shared
    key = "\(CacheKey.safe(namespace)):ws2-last"
    self.now = now
  }

  private var tier: any CacheTier { shared.orWhileAway(memory) }

  func note(_ outcome: Outcome) {
    let word =
      switch outcome {
      case .answered: "answered"
      case .failed: "failed"
      case .paused(let seconds): "\(seconds)"
      }
    tier.set([CacheItem(key, Array("\(now().seconds) \(word)".utf8), lifetime: AnswerRecord.seconds)])
  }

  var last: Entry? {
    guard let value = tier.get([key])[0] else { return nil }
    let words = String(decoding: value.prefix(100), as: UTF8.self).split(separator: " ")
    guard words.count == 2, let time = Int64(words[0]) else { return nil }
    let outcome: Outcome? =
      switch words[1] {
      case "answered": .answered
      case "failed": .failed
      default: Int64(words[1]).map { .paused(seconds: $0) }
      }
    return outcome.map { Entry(outcome: $0, time: UnixTime(seconds: time)) }
  }
}
