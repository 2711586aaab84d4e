import Core
import Testing

@testable import HTTP

@Suite struct RetryAfterTests {
  static let year = 31_536_000

  @Test(arguments: [
    ("9223372036854775807", year), ("9223372036854775808", year), ("-9223372036854775808", 0), ("999999999", year),
    ("Fri, 31 Dec 9999 23:59:59 GMT", year), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    (String(repeating: "9", count: 190), year),
  ])
  func `nobody is left alone for longer than a year`(text: String, seconds: Int) {
    #expect(RetryAfter.seconds(text, now: UnixTime(seconds: 784_111_717)) == seconds)
  }

  @Test(arguments: [
    "Sun, 2147483647 Nov 2094 08:49:37 GMT", "Sun, 06 Nov 2094 2147483647:49:37 GMT",
    "Sun, 06 Nov 2094 08:-2147483648:37 GMT", "Sun, 06 Nov 2094 08:49:99 GMT", "1e9", "",
  ])
  func `what is no time says nothing`(text: String) {
    #expect(RetryAfter.seconds(text, now: UnixTime(seconds: 784_111_717)) == nil)
  }
}
