/// Writes metrics in Prometheus' text format 0.0.4.
struct PrometheusText {
  private(set) var text = ""

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  mutating func begin(_ family: MetricFamily) {
    text += "# HELP \(family.name) \(PrometheusText.escaped(family.help, quotes: false))\n"
    text += "# TYPE \(family.name) \(family.typeName)\n"
  }

  mutating func sample(
    _ name: String, _ labels: [(name: String, value: String)] = [], _ value: PrometheusValue
  ) {
    text += name
    if !labels.isEmpty {
      text += "{"
      for (index, label) in labels.enumerated() {
        if index > 0 { text += "," }
        text += "\(label.name)=\"\(PrometheusText.escaped(label.value, quotes: true))\""
      }
      text += "}"
    }
    text += " \(value.text)\n"
  }

  /// A series of a histogram.
  ///
  /// - Parameter words: the count of each bucket, of what is beyond them, and the sum in nanoseconds.
  mutating func histogram(
    _ family: MetricFamily, _ labels: [(name: String, value: String)], bounds: [UInt64], words: ArraySlice<UInt64>
  ) {
    var count: UInt64 = 0
    for (bound, bucket) in zip(bounds, words) {
      count &+= bucket
      sample("\(family.name)_bucket", labels + [("le", PrometheusValue.nanoseconds(bound).text)], .count(count))
    }
    count &+= words[words.startIndex + bounds.count]
    sample("\(family.name)_bucket", labels + [("le", "+Inf")], .count(count))
    sample("\(family.name)_sum", labels, .nanoseconds(words[words.startIndex + bounds.count + 1]))
    sample("\(family.name)_count", labels, .count(count))
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": safe += "\\\\"
      case "\n": safe += "\\n"
      case "\"" where quotes: safe += "\\\""
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }
}

enum PrometheusValue {
  case count(UInt64)
  /// Told in seconds.
  case nanoseconds(UInt64)

  /// Without an exponent, and without digits that say nothing.
  var text: String {
    switch self {
    case .count(let count): return String(count)
    case .nanoseconds(let nanoseconds):
      let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      guard rest > 0 else { return String(seconds) }
      var digits = String(1_000_000_000 + rest).dropFirst()
      while digits.last == "0" { digits.removeLast() }
      return "\(seconds).\(digits)"
    }
  }
}
