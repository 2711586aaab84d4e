internal import Core
internal import Glibc

/// The header `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
enum RetryAfter {
  /// Nobody is left alone for longer than a year, whatever they ask for.
  private static let longest = 31_536_000

  static func seconds(_ text: String, now: UnixTime) -> Int? {
    let words = text.split(whereSeparator: \.isWhitespace)
    if words.count == 1 {
      let isLarge =
        words[0].count > 9 && words[0].utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      return isLarge ? longest : Int(words[0]).map { min(max(0, $0), longest) }
    }
    // Sun, 06 Nov 1994 08:49:37 GMT
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]),
      let month = months.firstIndex(of: String(words[2])), let year = Int32(words[3]), (1970...9999).contains(year)
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int32($0) }
    guard clock.count == 3, (1...31).contains(day), (0...23).contains(clock[0]), (0...59).contains(clock[1]),
      (0...60).contains(clock[2])
    else { return nil }
    var parts = tm()
    parts.tm_year = year - 1900
    parts.tm_mon = Int32(month)
    parts.tm_mday = day
    parts.tm_hour = clock[0]
    parts.tm_min = clock[1]
    parts.tm_sec = clock[2]
    return Int(min(max(0, Int64(timegm(&parts)) - now.seconds), Int64(longest)))
  }
}
