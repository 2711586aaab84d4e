internal import Core

/// Numbers and times as people read them.
enum Words {
  /// `1,234,567`
  static func number(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `1 album`, `2 albums`
  static func count(_ count: Int, _ one: String, _ many: String) -> String {
    "\(number(count)) \(count == 1 ? one : many)"
  }

  /// `< 0.1 ms`, `0.45 ms`, `2.5 ms`, `12 ms`, `1.5 s`
  static func duration(microseconds: Int) -> String {
    let microseconds = max(0, microseconds)
    if microseconds < 100 { return "< 0.1 ms" }
    if microseconds < 1_000 { return "0.\(String(microseconds / 10 + 100).dropFirst()) ms" }
    if microseconds < 10_000 { return "\(microseconds / 1_000).\(microseconds % 1_000 / 100) ms" }
    if microseconds < 1_000_000 { return "\(microseconds / 1_000) ms" }
    return "\(microseconds / 1_000_000).\(microseconds % 1_000_000 / 100_000) s"
  }

  /// `3:07`, `1:02:03`
  static func length(milliseconds: Int) -> String {
    let seconds = max(0, milliseconds) / 1_000
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60)
    let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
  }

  /// `12 seconds`, `3 minutes`, `5 hours`, `40 days`
  static func span(_ seconds: Int64) -> String {
    let seconds = Int(clamping: max(0, seconds))
    if seconds < 120 { return count(seconds, "second", "seconds") }
    if seconds < 7_200 { return "\(seconds / 60) minutes" }
    if seconds < 172_800 { return "\(seconds / 3_600) hours" }
    return "\(number(seconds / 86_400)) days"
  }
}
