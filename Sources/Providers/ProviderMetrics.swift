internal import CoreMetrics

/// What is counted of each provider: `provider.fanart.request`, `.error`, `.timeout`, `.ratelimit` (not asked, because
/// over its limit), `.unavailable` (not asked, because left alone) and `.response_time`. This is the only place that
/// counts; whoever reads it is installed with swift-metrics.
final class ProviderMetrics {
  private struct Meters {
    let request: Counter
    let error: Counter
    let timeout: Counter
    let rateLimit: Counter
    let unavailable: Counter
    let responseTime: Timer

    init(_ name: String) {
      request = Counter(label: "provider.\(name).request")
      error = Counter(label: "provider.\(name).error")
      timeout = Counter(label: "provider.\(name).timeout")
      rateLimit = Counter(label: "provider.\(name).ratelimit")
      unavailable = Counter(label: "provider.\(name).unavailable")
      responseTime = Timer(label: "provider.\(name).response_time")
    }
  }

  enum Event {
    case request, error, timeout, rateLimit, unavailable
  }

  private var meters: [String: Meters] = [:]

  func count(_ event: Event, of provider: String) {
    let meters = meters(of: provider)
    switch event {
    case .request: meters.request.increment()
    case .error: meters.error.increment()
    case .timeout: meters.timeout.increment()
    case .rateLimit: meters.rateLimit.increment()
    case .unavailable: meters.unavailable.increment()
    }
  }

  func record(nanoseconds: UInt64, of provider: String) {
    meters(of: provider).responseTime.recordNanoseconds(Int64(clamping: nanoseconds))
  }

  private func meters(of provider: String) -> Meters {
    if let known = meters[provider] { return known }
    let new = Meters(provider)
    meters[provider] = new
    return new
  }
}
