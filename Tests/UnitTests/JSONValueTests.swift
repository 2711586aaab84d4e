import Core
import Testing

@Suite struct JSONValueTests {
  func read(_ text: String) -> JSONValue? { JSONValue(text.utf8) }

  @Test func `every kind of value is read, and a path can be followed to its end`() throws {
    let json = try #require(
      read(
        #" {"a": [1, -2.5e3, "x", true, false, null, {}], "b": {"c": "d"}, "n": "17", "a b": "last", "a b": "wins"} "#))
    #expect(json["a"][0].int == 1)
    #expect(json["a"][1] == .number("-2.5e3"))
    #expect(json["a"].elements.count == 7)
    #expect(json["a"][3].isTrue)
    #expect(json["b"]["c"].text == "d")
    #expect(json["n"].int == 17)
    #expect(json["a b"].text == "wins")
    #expect(json["x"]["y"][3]["z"].isNull)
    #expect(json["a"][7].isNull)
  }

  @Test(arguments: [
    (#""\u00e9\n\t\/\\\"""#, "é\n\t/\\\""), (#""\ud83c\udfb5""#, "🎵"), (#""\ud83c""#, "\u{fffd}"),
    (#""\udfb5x""#, "\u{fffd}x"), (#""\ud83cA""#, "\u{fffd}A"), (#""\1996""#, "1996"), ("\"a\tb\nc\"", "a\tb\nc"),
  ])
  func `strings are read with every escape, and with what should have been escaped`(text: String, value: String) {
    #expect(read(text)?.text == value)
  }

  @Test func `a byte order mark and bytes that are not UTF-8 do not spoil the rest`() {
    #expect(JSONValue([0xef, 0xbb, 0xbf] + Array("[1]".utf8))?[0].int == 1)
    #expect(JSONValue(Array("[\"".utf8) + [0xff] + Array("\", 2]".utf8))?[1].int == 2)
  }

  @Test(arguments: [
    "", " ", "{", "[1,", "[1", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "[,]", "[1,]", "\"", "\"\\", "\"\\u12\"", "tru",
    "nul", "-", "1 2", "{}x", "'a'", "\u{0}",
  ])
  func `what is no JSON is nil`(text: String) {
    #expect(read(text) == nil)
  }

  @Test func `nesting without end is nil and never a crash`() {
    #expect(read(String(repeating: "[", count: 200_000)) == nil)
    #expect(read(String(repeating: "{\"a\":", count: 200_000)) == nil)
    #expect(read(String(repeating: "[", count: 50) + String(repeating: "]", count: 50)) != nil)
  }

  @Test func `noise never crashes`() {
    let good = Array(#"{"a":["é\u00e9",1.5e7,{"b":null}],"c":true}"#.utf8)
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...5) { bytes[Int.random(in: 0..<bytes.count)] = .random(in: .min ... .max) }
      _ = JSONValue(bytes)
    }
  }
}
