/// Cuts folded characters into words.
struct WordScanner {
  /// All that is no space, for names that are nothing but signs.
  private(set) var signs: [Unicode.Scalar] = []
  private(set) var hasLetters = false
  /// Whether the last word stands behind a comma: "Beatles, The".
  private(set) var lastFollowsComma = false

  /// Where the text may be cut: how many words stood before a bracket, a dash between spaces, a colon and the like.
  private(set) var cuts: [Int: Cut] = [:]

  enum Cut { case opening, closing, divider }

  private var words: [String] = []
  private var word = String.UnicodeScalarView()
  /// The single letters of an abbreviation, as far as it goes: "A", "B" of "A.B.".
  private var initials: [String] = []
  /// A sign behind a letter; what comes next tells what it is.
  private var held: Unicode.Scalar?
  private var sawComma = false
  private var isAfterSpace = true
  /// Whether a sign stood behind a letter that divides if a space comes next.
  private var mayDivide = false
  /// Words so far, when a "+" stood between spaces.
  private var plusAt: Int?

  mutating func take(_ scalar: Unicode.Scalar) {
    guard !scalar.properties.isWhitespace, scalar.value >= 0x20 else {
      endWord()
      isAfterSpace = true
      if mayDivide { cut(.divider) }
      mayDivide = false
      return
    }
    if signs.count < Folding.longestKey { signs.append(scalar) }
    defer { isAfterSpace = false }
    mayDivide = false
    if WordScanner.isLetter(scalar) {
      if let plusAt, isAfterSpace, plusAt == words.count, plusAt > 0 { words.append("and") }
      plusAt = nil
      settle(beforeLetter: true)
      hasLetters = true
      append(scalar)
      return
    }
    settle(beforeLetter: false)
    switch scalar {
    case "·" where isAfterSpace:
      endWord()
      divide()
    case "'", ".", "!", "@", "·", "$":
      held = scalar
    case "&":
      endWord()
      words.append("and")
    case "+":
      endWord()
      plusAt = isAfterSpace ? words.count : nil
    case ",":
      endWord()
      sawComma = true
      divide()
    default:
      endWord()
      mark(scalar)
    }
  }

  private mutating func mark(_ sign: Unicode.Scalar) {
    switch sign {
    case "(", "[", "{", "<": cut(.opening)
    case ")", "]", "}", ">": cut(.closing)
    case ":", ";", "/", "|", "~", "•", "-": divide()
    case ..<"\u{80}": break
    default:
      switch sign.properties.generalCategory {
      case .openPunctuation: cut(.opening)
      case .closePunctuation: cut(.closing)
      case .dashPunctuation: divide()
      default: break
      }
    }
  }

  /// A sign between two letters divides nothing: `Either/Or`.
  private mutating func divide() {
    if isAfterSpace { cut(.divider) } else { mayDivide = true }
  }

  /// A bracket says more than a divider beside it.
  private mutating func cut(_ cut: Cut) {
    if cuts[words.count] == nil || cut != .divider { cuts[words.count] = cut }
  }

  /// The words, in order.
  mutating func finish() -> [String] {
    endWord()
    return words
  }

  /// Decides what the held sign is: a part of the word (`don't`), a letter (`Ke$ha`, `P!nk`), the full stop of an
  /// abbreviation (`A.B.`), or its end.
  private mutating func settle(beforeLetter: Bool) {
    guard let sign = held else { return }
    held = nil
    let isInside = beforeLetter && !word.isEmpty
    switch sign {
    case "'" where isInside, "·" where isInside: break
    case "!" where isInside: append("i")
    case "@" where isInside: append("a")
    case "$" where beforeLetter || !word.isEmpty: append("s")
    case "." where isInside && word.count == 1:
      initials.append(String(word))
      word = String.UnicodeScalarView()
    default: endWord(settled: true)
    }
  }

  private mutating func endWord(settled: Bool = false) {
    if !settled { settle(beforeLetter: false) }
    if word.count <= 1 {
      let text = initials.joined() + String(word)
      if !text.isEmpty { add(text) }
    } else {
      for initial in initials { add(initial) }
      add(String(word))
    }
    initials = []
    word = String.UnicodeScalarView()
  }

  private mutating func add(_ text: String) {
    words.append(text)
    lastFollowsComma = sawComma
    sawComma = false
  }

  /// Adds a letter, put together with the one before where it is a part of it.
  private mutating func append(_ scalar: Unicode.Scalar) {
    if let last = word.last, let whole = WordScanner.composed(last, scalar) {
      word.removeLast()
      word.append(whole)
    } else if scalar.value != 0x3099, scalar.value != 0x309a {
      word.append(scalar)
    }
  }

  /// Voiced kana and Hangul syllables that were written in parts (Unicode 3.12).
  private static func composed(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    switch second.value {
    case 0x3099 where first.value == 0x3046:
      Unicode.Scalar(0x3094)
    case 0x3099 where (0x304b...0x307b).contains(first.value):
      Unicode.Scalar(first.value + 1)
    case 0x309a where (0x306f...0x307b).contains(first.value):
      Unicode.Scalar(first.value + 2)
    case 0x1161...0x1175 where (0x1100...0x1112).contains(first.value):
      Unicode.Scalar(0xac00 + (first.value - 0x1100) * 588 + (second.value - 0x1161) * 28)
    case 0x11a8...0x11c2 where (0xac00...0xd7a3).contains(first.value) && (first.value - 0xac00) % 28 == 0:
      Unicode.Scalar(first.value + second.value - 0x11a7)
    default: nil
    }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x61...0x7a, 0x30...0x39: true
    case ..<0x80: false
    default:
      switch scalar.properties.generalCategory {
      case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .decimalNumber,
        .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
        true
      default: false
      }
    }
  }
}
