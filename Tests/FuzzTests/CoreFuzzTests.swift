import Core
import Foundation
import Testing

@Suite struct CoreFuzzTests {
  @Test func `JSON that is read is written and read again as the same`() throws {
    let corpus =
      try Corpus.bodies("")
      + Corpus.texts(
        #"["472bc127-8861-45e8-bc9e-31e8dd32de7a","x"]"#,
        #"{"a":{"b":[1,-2.5e3,true,false,null,"\u00e9\ud83d\ude00\n"]}}"#,
        "[\"\(String(repeating: "x\\n", count: 20))\"]", " [ ] ", "\u{feff}{}", #"{"a":1,"a":2}"#)
    try Fuzz("JSON", inputs: 4_000).run(corpus) { input, randomness in
      guard let value = JSONValue(input) else {
        // Whatever is JSON to others is JSON here, unless it is nested too deeply.
        guard randomness.once(in: 16), isUTF8(input), depth(input) <= 100, !hasTrailingComma(input) else { return }
        let others = try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)
        return try check(others == nil, "Foundation reads it")
      }
      let written = value.written
      try check(JSONValue(written) == value, "it is written as another")
      // Strings are as long as they were, or shorter, but for bytes that are no UTF-8.
      try check(written.count <= 6 * input.count + 16, "it grows")
    }
  }

  /// Foundation takes `{"a":1,}` for JSON.
  private func hasTrailingComma(_ input: [UInt8]) -> Bool {
    let text = input.filter { !" \n\r\t".utf8.contains($0) }
    return zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: ",") && "}]".utf8.contains($1) }
  }

  /// UTF-16 and UTF-32 have zeros in them.
  private func isUTF8(_ input: [UInt8]) -> Bool {
    !input.contains(0) && String(validating: input, as: UTF8.self) != nil
  }

  /// No less than what brackets there are.
  private func depth(_ input: [UInt8]) -> Int { input.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") } }

  @Test func `a string in JSON is what was written`() throws {
    try Fuzz("JSONString", inputs: 10_000).run(Corpus.names + Corpus.texts("\u{0}\u{1f}\"\\/\r\n\t\u{8}\u{c}\u{7f}")) {
      input, _ in
      let text = String(decoding: input, as: UTF8.self)
      var writer = JSONWriter()
      writer.string(text)
      try check(writer.bytes.allSatisfy { $0 >= 0x20 }, "a control character")
      guard case .string(let read)? = JSONValue(writer.bytes) else { throw Fault("not read") }
      try check(read.utf8.elementsEqual(text.utf8), "read as another")
    }
  }

  @Test func `what is percent-encoded is decoded as it was`() throws {
    let corpus = Corpus.names + Corpus.texts("a=1&b=%7C+x&c", "%", "%2", "%zz%ff%C3%A4", "100%", "+%2B+")
    try Fuzz("PercentEncoding", inputs: 10_000).run(corpus) { input, _ in
      let text = String(decoding: input, as: UTF8.self)
      let encoded = PercentEncoding.encoded(text)
      try check(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"&=+#?/\"<>".utf8.contains($0) }, "not encoded")
      for plusIsSpace in [false, true] {
        let decoded = PercentEncoding.decoded(encoded[...], plusIsSpace: plusIsSpace)
        try check(decoded.utf8.elementsEqual(text.utf8), "decoded as another")
        // A byte that is no UTF-8 becomes a character of three.
        try check(
          PercentEncoding.decoded(text[...], plusIsSpace: plusIsSpace).utf8.count <= 3 * input.count, "it grows")
      }
    }
  }

  @Test func `an id is read from its digits and from nothing else`() throws {
    try Fuzz("MBID", inputs: 20_000).run(Corpus.ids.map { Array($0.utf8) } + Corpus.names) { input, randomness in
      let text = String(decoding: input, as: UTF8.self)
      let digits = text.lowercased().filter { $0 != "-" && $0 != "{" && $0 != "}" }
      if let id = MBID(text) {
        try check(MBID(id.description) == id, "another id")
        try check(id.description.filter { $0 != "-" } == digits, "other digits")
      } else {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isID =
          groups.map(\.count) == [8, 4, 4, 4, 12] && groups.joined().allSatisfy { ASCII.hexValue($0) != nil }
        try check(!isID, "it is one")
      }
      let id = MBID(high: randomness.next(), low: randomness.next())
      try check(MBID(id.description) == id && UUID(uuidString: id.description) != nil, "\(id) is not read")
    }
  }

  @Test func `an address of memcached is told as it is read`() throws {
    let corpus = Corpus.texts(
      "/run/m.sock", "cache", "10.0.0.1:11212", "[::1]:11212", "[::1]", "cache:11211", "a-b.c:1")
    try Fuzz("MemcachedAddress", inputs: 20_000).run(corpus) { input, _ in
      guard let address = MemcachedAddress(String(decoding: input, as: UTF8.self)) else { return }
      try check(MemcachedAddress(address.description) == address, "\(address) is another")
      guard case .host(let host, let port) = address else { return }
      try check((1...65535).contains(port), "port \(port)")
      try check(!host.isEmpty && !host.contains { $0.isWhitespace || "[]/".contains($0) }, "host \(host)")
      try check(!host.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }, "a control character")
    }
  }
}
