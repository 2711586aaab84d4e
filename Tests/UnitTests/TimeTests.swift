import Core
import Testing

@testable import Handlers

@Suite struct TimeTests {
  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00+00:00"), (1_795_690_849, "2026-11-26T11:00:49+00:00"),
    (.max, "9999-12-31T23:59:59+00:00"), (67_768_036_191_676_799, "9999-12-31T23:59:59+00:00"),
    (.min, "1970-01-01T00:00:00+00:00"),
  ])
  func `every time is told as a date`(seconds: Int64, text: String) {
    #expect(UnixTime(seconds: seconds).iso8601 == text)
  }
}
