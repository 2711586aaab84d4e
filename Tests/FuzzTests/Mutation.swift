import Core

/// Makes inputs from a corpus.
struct Mutation {
  /// No input is longer.
  static let longest = 64 << 10

  private let corpus: [[UInt8]]
  private let trees: [JSONValue]

  /// - Parameter corpus: at least one.
  init(_ corpus: [[UInt8]]) {
    self.corpus = corpus.map { Array($0.prefix(Mutation.longest)) }
    trees = corpus.compactMap { JSONValue($0) }.filter { $0.isObject || $0.isArray }
  }

  func input(_ randomness: inout Randomness) -> [UInt8] {
    // What is changed in its text is seldom JSON afterwards; so half of JSON is changed as a tree.
    if !trees.isEmpty, randomness.once(in: 2) {
      let tree = mutated(randomness.one(of: trees), share: 12, &randomness)
      return Array(tree.written.prefix(Mutation.longest))
    }
    var bytes = randomness.one(of: corpus)
    for _ in 0...randomness.below(4) { change(&bytes, &randomness) }
    return Array(bytes.prefix(Mutation.longest))
  }

  // MARK: - Bytes

  private func change(_ bytes: inout [UInt8], _ randomness: inout Randomness) {
    switch randomness.below(12) {
    case 0 where !bytes.isEmpty: bytes[randomness.below(bytes.count)] ^= 1 << UInt8(randomness.below(8))
    case 1 where !bytes.isEmpty: bytes[randomness.below(bytes.count)] = UInt8(truncatingIfNeeded: randomness.next())
    case 2: bytes.removeLast(bytes.count - randomness.below(bytes.count + 1))
    case 3: bytes.removeSubrange(part(of: bytes, &randomness))
    case 4:
      // A part several times over.
      let part = Array(bytes[part(of: bytes, &randomness)].prefix(1_000))
      let times = randomness.once(in: 16) ? 1 + randomness.below(64) : 1
      bytes.insert(contentsOf: repeatElement(part, count: times).joined(), at: randomness.below(bytes.count + 1))
    case 5:
      let other = randomness.one(of: corpus)
      bytes.replaceSubrange(part(of: bytes, &randomness), with: other[part(of: other, &randomness)])
    case 6: replaceNumber(in: &bytes, &randomness)
    case 7:
      let sign = randomness.one(of: Mutation.signs)
      bytes.insert(
        contentsOf: repeatElement(sign, count: 1 + randomness.below(200)), at: randomness.below(bytes.count + 1))
    case 8:
      var end = part(of: bytes, &randomness)
      end = end.lowerBound..<min(end.upperBound, end.lowerBound + 16)
      for index in end { bytes[index] = UInt8(truncatingIfNeeded: randomness.next()) }
    default:
      bytes.insert(contentsOf: randomness.one(of: Mutation.pieces), at: randomness.below(bytes.count + 1))
    }
  }

  /// Mostly a short one.
  private func part(of bytes: [UInt8], _ randomness: inout Randomness) -> Range<Int> {
    let start = randomness.below(bytes.count + 1)
    let length = randomness.below(bytes.count - start + 1)
    return start..<(start + (randomness.once(in: 4) ? length : min(length, 1 + randomness.below(32))))
  }

  private func replaceNumber(in bytes: inout [UInt8], _ randomness: inout Randomness) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    let from = randomness.below(bytes.count + 1)
    guard let start = bytes[from...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
    bytes.replaceSubrange(start..<end, with: randomness.one(of: Mutation.numbers).utf8)
  }

  private static let signs: [UInt8] = Array("[{\"\\<&%/:;,.=+-@# \r\n\t0a".utf8) + [0, 0x7f, 0x80, 0xc0, 0xff]

  static let numbers = [
    "0", "-0", "1", "-1", "127", "128", "255", "256", "65535", "65536", "2147483647", "2147483648", "-2147483648",
    "4294967295", "4294967296", "9007199254740993", "3074457345618258603", "4611686018427387904",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "9223372036854775747", "18446744073709551615", "18446744073709551616", "99999999999999999999999999", "0.1", "-0.5",
    "1e308", "1e309", "-1e309", "1e-400", "0x10", "010", "+7", "1_000", "NaN", "inf", "-nan", "1.", ".5", "00", "٣",
  ]

  static let texts = [
    "", " ", "\u{0}", "\u{1}\u{1f}\u{7f}", "a\r\nb", "\t", "\"", "\\", "\u{1d}", "\u{1f}", "\u{2028}", "\u{feff}",
    "\u{fffd}",
    "\u{fffe}", "ﬃ", "İ", "ß", "ŉ", "é", "e\u{301}", String(repeating: "e\u{301}", count: 40),
    "e" + String(repeating: "\u{301}", count: 300), "👨‍👩‍👧‍👦", "🇩🇪🇩", "\u{1100}\u{1161}\u{11a8}", "각", "か\u{3099}",
    "は\u{309a}",
    "\u{202e}abc", "a\u{200b}b", "ＡＢＣ", "①", "𝔘𝔫𝔦", "the", "The Beatles", "Beatles, The", "A.B.C.", "AC/DC", "!!!",
    "P!nk",
    "Ke$ha", "x & y", "x + y", "Rock 'n' Roll", "vol 1 pt 2 st 3", "http://x/y.jpg", "https://example.org/a.png",
    "https://open.spotify.com/artist/0sNOF9WDwhWunNAHPD3Baj", "472bc127-8861-45e8-bc9e-31e8dd32de7a",
    "{472BC127886145E8BC9E31E8DD32DE7A}", "lidarr:x", "spotify:album:x", "&amp;&#x110000;&#55296;", "<b>x</b",
    "%00%ff%2f",
    "null", "true", "[]", "{}", String(repeating: "x", count: 300), String(repeating: "a ", count: 300),
  ]

  /// What parsers look for.
  private static let pieces: [[UInt8]] =
    numbers.map { Array($0.utf8) } + texts.map { Array($0.utf8) }
    + [
      "{\"a\":", "[", "]", "}", ",", ":", "\"\"", "\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u12", "\\",
      "//", "/../",
      "?", "#", "&", "=", ";q=", "%", "%2", "%zz", "+", "<h3 id=\"title-of-a-story\">", "</h3",
      "<span class=\"a-no-trucate\">",
      "o-chart-results-list-row-container", "\",\"", "\r\n", "VALUE a 0 5\r\n", "END\r\n", "STORED\r\n", "- ", "? ",
      "&a ", "*a",
      "!!binary ", "|\n", ">\n", "---\n", "...\n", "@", "[::1]", "://",
    ].map { Array($0.utf8) }
    + [
      [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc0, 0x80], [0xef, 0xbb, 0xbf], [0xff, 0xfe],
      [0x80, 0x80],
    ]

  // MARK: - Trees

  /// - Parameter share: one value in so many is changed.
  private func mutated(_ value: JSONValue, share: Int, _ randomness: inout Randomness) -> JSONValue {
    if randomness.once(in: share) { return another(value, &randomness) }
    switch value {
    case .array(var elements):
      if elements.count > 4 { elements.removeLast(randomness.below(elements.count)) }
      for index in elements.indices { elements[index] = mutated(elements[index], share: share, &randomness) }
      if randomness.once(in: share), let element = elements.first {
        elements.insert(
          contentsOf: repeatElement(element, count: randomness.below(20)), at: randomness.below(elements.count))
      }
      return .array(elements)
    case .object(let members):
      var result: [String: JSONValue] = [:]
      for key in members.keys.sorted() where !randomness.once(in: 4 * share) {
        let name = randomness.once(in: 4 * share) ? randomness.one(of: Mutation.texts) : key
        result[name] = mutated(members[key] ?? .null, share: share, &randomness)
      }
      return .object(result)
    default: return value
    }
  }

  private func another(_ value: JSONValue, _ randomness: inout Randomness) -> JSONValue {
    switch (value, randomness.below(8)) {
    case (.number, 0...5): .number(randomness.one(of: Mutation.jsonNumbers))
    case (.string, 0...3): .string(randomness.one(of: Mutation.texts))
    case (.string(let text), 4): .string(String(text.dropFirst(randomness.below(text.count + 1))))
    case (.string(let text), 5): .string(text + randomness.one(of: Mutation.texts))
    case (_, 0): .array([value])
    case (_, 1): .object(["0": value, "id": value])
    case (_, 2): .null
    case (_, 3): .boolean(true)
    case (_, 4): .array([])
    case (_, 5): .object([:])
    case (_, 6): .number(randomness.one(of: Mutation.jsonNumbers))
    default: .string(randomness.one(of: Mutation.numbers + Mutation.texts))
    }
  }

  /// Those of the numbers that may stand in JSON.
  private static let jsonNumbers = numbers.filter { number in
    number.first.map { $0.isASCII && ($0.isNumber || $0 == "-") } == true && JSONValue(Array(number.utf8)) != nil
  }
}

extension JSONValue {
  /// As JSON.
  var written: [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes)
    return bytes
  }

  private func write(into bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .boolean(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): JSONValue.write(text, into: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(into: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONValue.write(member.key, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(into: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, into bytes: inout [UInt8]) {
    var writer = JSONWriter()
    writer.string(text)
    bytes.append(contentsOf: writer.bytes)
  }

  /// With the first elements of its lists only, and the beginning of its texts.
  var shortened: JSONValue {
    switch self {
    case .array(let elements): .array(elements.prefix(2).map(\.shortened))
    case .object(let members): .object(members.mapValues(\.shortened))
    case .string(let text): .string(String(text.prefix(200)))
    default: self
    }
  }
}
