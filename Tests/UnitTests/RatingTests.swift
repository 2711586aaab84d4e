import Core
import Testing

@testable import Metadata

@Suite struct RatingTests {
  @Test(arguments: [
    (0, "0.0"), (5, "0.5"), (96, "9.6"), (100, "10.0"), (-1, "null"), (-5, "null"), (101, "null"), (Int.min, "null"),
    (Int.max, "null"),
  ])
  func `a rating outside of its scale is none`(value: Int, text: String) {
    var json = JSONWriter()
    json.rating(Rating(count: 3, value: value))
    #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"Count":3,"Value":\#(text)}"#)
  }
}
