extension UnixTime {
  /// The last second of the year 9999.
  private static let last: Int64 = 253_402_300_799

  /// Reads a moment as people and programs write it: Unix seconds (`1795690849`), or ISO 8601 as a date
  /// (`2026-11-26`), or a date and a time (`2026-11-26T11:00:49`, `2026-11-26 11:00`, with parts of a second) and where
  /// (`Z`, `+02:00`, `+0200`, `+02`). What does not say where is in UTC, a date alone its first second. Parts of a second
  /// are cut off.
  ///
  /// A space may stand in the place of the plus: that is what a query makes of one that is not encoded.
  ///
  /// - Returns: nil for anything else, and for what is before 1970 or after 9999.
  public init?(reading text: String) {
    var reader = MomentReader(text)
    guard let seconds = reader.seconds(), (0...UnixTime.last).contains(seconds) else { return nil }
    self.init(seconds: seconds)
  }
}

/// Reads the text of a moment from its beginning.
private struct MomentReader {
  private var rest: ArraySlice<UInt8>

  /// No moment takes more bytes.
  private static let longest = 64

  init(_ text: String) { rest = Array(text.utf8.prefix(MomentReader.longest + 1))[...] }

  mutating func seconds() -> Int64? {
    guard !rest.isEmpty, rest.count <= MomentReader.longest else { return nil }
    if rest.allSatisfy(MomentReader.isDigit) { return Int64(String(decoding: rest, as: UTF8.self)) }
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
      (1...12).contains(month), (1...MomentReader.days(of: month, year)).contains(day)
    else { return nil }
    let midnight = MomentReader.days(before: year, month, day) * 86_400
    guard !rest.isEmpty else { return midnight }
    guard take("T") || take("t") || take(" "), let time = timeOfDay(), let offset = offset(), rest.isEmpty else {
      return nil
    }
    return midnight + time - offset
  }

  private mutating func timeOfDay() -> Int64? {
    guard let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
    var second: Int64 = 0
    if take(":") {
      guard let read = number(2), read < 60 else { return nil }
      second = read
      if take(".") || take(",") {
        let parts = rest.prefix(while: MomentReader.isDigit)
        guard !parts.isEmpty else { return nil }
        rest = rest[parts.endIndex...]
      }
    }
    return hour * 3_600 + minute * 60 + second
  }

  /// Seconds east of Greenwich.
  private mutating func offset() -> Int64? {
    if rest.isEmpty || take("Z") || take("z") { return 0 }
    let isWest = take("-")
    guard isWest || take("+") || take(" "), let hour = number(2), hour < 24 else { return nil }
    var minute: Int64 = 0
    if take(":") || !rest.isEmpty {
      guard let read = number(2), read < 60 else { return nil }
      minute = read
    }
    let seconds = hour * 3_600 + minute * 60
    return isWest ? -seconds : seconds
  }

  private mutating func take(_ character: Character) -> Bool {
    guard let byte = rest.first, byte == character.asciiValue else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// So many digits.
  private mutating func number(_ digits: Int) -> Int64? {
    let text = rest.prefix(digits)
    guard text.count == digits, text.allSatisfy(MomentReader.isDigit) else { return nil }
    rest = rest.dropFirst(digits)
    return text.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func days(of month: Int64, _ year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970 to a date of the Gregorian calendar, which repeats every 400 years, of 146,097 days each. Years are
  /// counted from March, so that the day that only some have is the last.
  private static func days(before year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
