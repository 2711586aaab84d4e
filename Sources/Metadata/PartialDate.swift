/// A date of which MusicBrainz may know only a part, or a part that no calendar has.
public struct PartialDate: Equatable, Sendable {
  public var year: Int?
  public var month: Int?
  public var day: Int?

  public static let unknown = PartialDate(year: nil, month: nil, day: nil)

  public init(year: Int?, month: Int?, day: Int?) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day it stands for: a missing or impossible month or day counts as 1. Without a year from 1 to 9999 nil.
  ///
  /// One date that is no date makes Lidarr drop the whole document, so nothing else may ever be written.
  public var calendarDate: (year: Int, month: Int, day: Int)? {
    guard let year, (1...9999).contains(year) else { return nil }
    guard let month, (1...12).contains(month) else { return (year, 1, validDay(in: 1, of: year)) }
    return (year, month, validDay(in: month, of: year))
  }

  /// Whether year, month and day are all known.
  public var isComplete: Bool { year != nil && month != nil && day != nil }

  /// The earliest of some release events. Within its year a complete date is believed before a partial one: "2004"
  /// says less than "2004-03-17" and would otherwise always win as the first of January.
  public static func earliest(of dates: some Sequence<PartialDate>) -> PartialDate {
    var best: PartialDate?
    var bestKey = (0, 0, 0, 0)
    for date in dates {
      guard let day = date.calendarDate else { continue }
      let key = (day.year, date.isComplete ? 0 : 1, day.month, day.day)
      if best == nil || key < bestKey {
        best = date
        bestKey = key
      }
    }
    return best ?? .unknown
  }

  private func validDay(in month: Int, of year: Int) -> Int {
    guard let day, day >= 1, day <= PartialDate.days(in: month, of: year) else { return 1 }
    return day
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
