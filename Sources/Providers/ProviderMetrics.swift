internal import CoreMetrics

/// What is counted of each provider. This is the only place that counts; whoever reads it is installed with swift-metrics.
final class ProviderMetrics {
  private struct Meters {
    let request: Counter
    let error: Counter
    let timeout: Counter
    let rateLimit: Counter
    let unavailable: Counter
    let responseTime: Timer

    init(_ name: String) {
      let provider = [("provider", name)]
      request = Counter(label: "linernotes_provider_requests_total", dimensions: provider)
      error = Counter(label: "linernotes_provider_errors_total", dimensions: provider)
      timeout = Counter(label: "linernotes_provider_timeouts_total", dimensions: provider)
      rateLimit = Counter(label: "linernotes_provider_limited_total", dimensions: provider)
      unavailable = Counter(label: "linernotes_provider_paused_total", dimensions: provider)
      responseTime = Timer(label: "linernotes_provider_response_duration_seconds", dimensions: provider)
    }
  }

  enum Event {
    case request, error, timeout
    /// Not asked, because over its limit.
    case rateLimit
    /// Not asked, because left alone.
    case unavailable
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
