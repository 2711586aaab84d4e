/// Keeps secrets out of what is shown.
enum Masking {
  static let mask = "********"

  /// The value as a message may quote it: in quotes, on one line, without secrets.
  static func quoted(_ text: String, isSecret: Bool) -> String {
    if isSecret { return mask }
    let escaped = hidingPasswords(text).unicodeScalars.map { scalar in
      let isControl = scalar.properties.generalCategory == .control
      let isLineBreak = scalar == "\u{2028}" || scalar == "\u{2029}"
      return isControl || isLineBreak ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
    return "\"" + escaped.joined() + "\""
  }

  /// The text without the passwords of the URLs and connection strings in it.
  ///
  /// In doubt it hides too much: a password with an unescaped `/`, `@` or space is still hidden.
  static func hidingPasswords(_ text: String) -> String {
    // A text that holds a URL among others is taken word by word; one that is a URL, as a whole.
    let scheme = text.prefix { $0.isLetter || $0 == "+" }
    let words =
      text.dropFirst(scheme.count).hasPrefix("://")
      ? [text[...]] : text.split(separator: " ", omittingEmptySubsequences: false)
    return hidingParameters(words.map(hidingUserInfo).joined(separator: " "))
  }

  private static func hidingUserInfo(_ word: Substring) -> String {
    guard let at = word.lastIndex(of: "@") else { return String(word) }
    var start = word.startIndex
    var isWeb = false
    if let scheme = word.firstRange(of: "://"), scheme.upperBound <= at {
      start = scheme.upperBound
      isWeb = word[..<scheme.lowerBound].lowercased().hasPrefix("http")
    }
    if let colon = word[start..<at].firstIndex(of: ":") {
      return word[...colon] + mask + word[at...]
    }
    // What stands alone before the host is a token on the web, but a user elsewhere.
    return isWeb ? word[..<start] + mask + word[at...] : String(word)
  }

  private static func hidingParameters(_ text: String) -> String {
    var shown = ""
    var rest = text[...]
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].lowercased()
      shown += rest[...equals]
      rest = rest[rest.index(after: equals)...]
      guard ["password", "passwd", "secret", "token", "key"].contains(where: name.hasSuffix) else { continue }
      // libpq quotes a value that holds spaces.
      let isQuoted = rest.hasPrefix("'")
      let end = rest.dropFirst(isQuoted ? 1 : 0).firstIndex { isQuoted ? $0 == "'" : $0 == "&" || $0.isWhitespace }
      shown += mask
      rest = rest[(end ?? rest.endIndex)...]
      if isQuoted { rest = rest.dropFirst() }
    }
    return shown + rest
  }
}
