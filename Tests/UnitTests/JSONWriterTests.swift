import Core
import Testing

@testable import Metadata

@Suite struct JSONWriterTests {
  @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, -1, -10, 4_294_967_296, .max, .min])
  func `integers are written as they are read`(value: Int) {
    #expect(written { $0.integer(value) } == "\(value)")
  }

  @Test(arguments: [(0, 2, "00"), (7, 2, "07"), (12, 2, "12"), (123, 2, "123"), (7, 4, "0007"), (1999, 4, "1999")])
  func `integers are padded with zeros`(value: Int, digits: Int, text: String) {
    #expect(written { $0.integer(value, digits: digits) } == text)
  }

  @Test(arguments: [
    ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), (#"a\b"#, #""a\\b""#), ("Ärtist ☃ 𝄞", #""Ärtist ☃ 𝄞""#),
    ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#), ("x\u{0}\u{1f}y\u{7f}", "\"x\\u0000\\u001fy\u{7f}\""),
  ])
  func `strings escape what JSON wants escaped and nothing else`(text: String, json: String) {
    #expect(written { $0.string(text) } == json)
  }

  @Test(arguments: [
    (PartialDate(year: 1999, month: 12, day: 31), #""1999-12-31""#),
    (PartialDate(year: 5, month: 1, day: 2), #""0005-01-02""#),
    (PartialDate(year: 2001, month: nil, day: nil), #""2001-01-01""#), (.unknown, "null"),
  ])
  func `dates have ten characters or are null`(date: PartialDate, json: String) {
    #expect(written { $0.date(date) } == json)
  }

  @Test func `lists have commas between their elements`() {
    #expect(written { $0.strings([]) } == "[]")
    #expect(written { $0.strings(["a"]) } == #"["a"]"#)
    #expect(written { $0.array([1, 2, 3]) { $0.integer($1) } } == "[1,2,3]")
  }

  private func written(_ write: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
