/// What a text must look like.
struct TextRule: Sendable {
  let allowed: String
  let accepts: @Sendable (String) -> Bool

  /// Any text without line breaks and other control characters.
  static let line = TextRule(allowed: "a text on one line") { text in
    !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// A name that others take as one word: a queue, a core, a key prefix.
  static let word = TextRule(allowed: "a name without spaces") { text in
    line.accepts(text) && !text.contains { $0.isWhitespace }
  }

  static let host = TextRule(allowed: "a host name or address, without scheme, port or path") { text in
    word.accepts(text) && !text.contains { "/@?#,".contains($0) }
      && (!text.contains(":") || text.filter { $0 == ":" }.count > 1)
  }

  static let webHost = TextRule(
    allowed: "a host name with or without a port, and with or without http:// or https:// before it"
  ) { text in
    let name = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) } ?? text[...]
    return word.accepts(text) && !name.isEmpty && !name.contains { "/@?#,\\".contains($0) }
  }

  static let databaseHost = TextRule(
    allowed: "host names, addresses or socket directories (beginning with /), separated by commas"
  ) { text in
    text.hasPrefix("/") ? line.accepts(text) : host.accepts(text)
  }

  static let origin = TextRule(allowed: "* or origins such as https://example.org, separated by commas") { text in
    text == "*"
      || (url(["http", "https"]).accepts(text) && text.split(separator: "/").count == 2 && !text.hasSuffix("/"))
  }

  static let absolutePath = TextRule(allowed: "a path that begins with /") { text in
    line.accepts(text) && text.hasPrefix("/") && !text.hasSuffix("/")
  }

  static let sentryDSN = TextRule(allowed: "a DSN such as https://KEY@HOST/PROJECT") { text in
    guard web.accepts(text), let scheme = text.firstRange(of: "://") else { return false }
    let parts = text[scheme.upperBound...].split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, let slash = parts[1].lastIndex(of: "/") else { return false }
    return !parts[0].isEmpty && parts[0].first != ":" && slash != parts[1].startIndex
      && parts[1].index(after: slash) != parts[1].endIndex && !text.contains { "?#\"\\,".contains($0) }
  }

  /// What Sentry takes for the name of an environment.
  static let sentryName = TextRule(allowed: "a name of up to 64 characters without spaces and slashes") { text in
    word.accepts(text) && !text.contains("/") && text.unicodeScalars.count <= 64
  }

  static let language = TextRule(allowed: "Wikipedia language codes such as en, separated by commas or colons") {
    text in
    text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
  }

  static let locale = TextRule(allowed: "MusicBrainz locales such as ja or en_GB, separated by commas") { text in
    text.utf8.contains { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  static func url(_ schemes: [String]) -> TextRule {
    let forms = schemes.map { $0 + "://" }
    return TextRule(allowed: "a URL that begins with " + forms.joined(separator: " or ")) { text in
      word.accepts(text)
        && forms.contains { form in
          text.lowercased().hasPrefix(form) && text.count > form.count && !text.hasPrefix(form + "/")
        }
    }
  }

  static let web = url(["http", "https"])

  /// It stands in parentheses in a header.
  static let contact = TextRule(
    allowed: "a URL or mail address in ASCII, without spaces, line breaks and parentheses"
  ) { text in
    let isPlain = text.utf8.allSatisfy { byte in
      (0x21...0x7e).contains(byte) && !"()<>\\\"".utf8.contains(byte)
    }
    guard isPlain, text.utf8.count <= 200 else { return false }
    if web.accepts(text) { return true }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && !text.contains("/")
  }

  static let durableCache = TextRule(
    allowed:
      "a URL that begins with postgresql:// or postgres://, with no other parameter than sslmode, or sqlite:///path or "
      + "sqlite:///:memory:"
  ) { text in
    guard text.hasPrefix("sqlite:///") else {
      // Without a host libpq connects through its default socket.
      guard word.accepts(text), text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") else { return false }
      let parameters = text.split(separator: "?", maxSplits: 1).dropFirst().flatMap { $0.split(separator: "&") }
      return parameters.allSatisfy { parameter in
        parameter.hasPrefix("sslmode=") && SSLMode(rawValue: String(parameter.dropFirst("sslmode=".count))) != nil
      }
    }
    return line.accepts(text) && text.count > "sqlite:///".count
  }
}

extension SettingType where Value == String {
  static func text(_ rule: TextRule) -> SettingType {
    SettingType(allowed: rule.allowed) {
      !$0.isEmpty && rule.accepts($0) ? $0 : nil
    } show: {
      $0
    }
  }

  /// One of these words, in any case.
  static func oneOf(_ words: String...) -> SettingType {
    SettingType(allowed: "one of " + words.joined(separator: ", ")) { text in
      words.first { $0.lowercased() == text.lowercased() }
    } show: {
      $0
    }
  }

  /// A path that routes begin with, brought to one form: `/a/b`, or nothing for `/`.
  static let rootPath = SettingType(allowed: "a path such as /api/v0.4") { text in
    // By bytes: a slash with a combining mark behind it is one character to Swift, and a slash to a web server.
    guard TextRule.word.accepts(text), !text.utf8.contains(where: { "?#%".utf8.contains($0) }) else { return nil }
    return text.utf8.split(separator: UInt8(ascii: "/")).map { "/" + String(Substring($0)) }.joined()
  } show: {
    $0.isEmpty ? "/" : $0
  }
}

extension SettingType where Value == String? {
  static func text(_ rule: TextRule) -> SettingType {
    SettingType(allowed: rule.allowed) { text in
      if text.isEmpty { return .some(nil) }
      return rule.accepts(text) ? .some(text) : nil
    } show: {
      $0 ?? ""
    }
  }
}

extension SettingType where Value == Secret? {
  static func secret(_ rule: TextRule = .line) -> SettingType {
    SettingType(allowed: rule.allowed) { text in
      if text.isEmpty { return .some(nil) }
      return rule.accepts(text) ? .some(Secret(text)) : nil
    } show: {
      $0?.value ?? ""
    }
  }
}

extension SettingType where Value == [String] {
  static func list(_ rule: TextRule) -> SettingType {
    SettingType(allowed: rule.allowed) { text in
      let words = items(of: text)
      return words.allSatisfy { !$0.isEmpty && rule.accepts($0) } ? words : nil
    } show: {
      $0.joined(separator: ",")
    }
  }

  static let languages = SettingType(allowed: TextRule.language.allowed) { text in
    let words = text.lowercased().split { $0 == "," || $0 == ":" || $0.isWhitespace }.map(String.init)
    return words.allSatisfy(TextRule.language.accepts) ? words : nil
  } show: {
    $0.joined(separator: ",")
  }
}

extension SettingType where Value == [Secret] {
  /// A file has one a line.
  static let hashes = SettingType(allowed: "SHA-256 hashes of 64 hexadecimal digits, separated by commas or spaces") {
    text in
    let words = text.lowercased().split { $0 == "," || $0.isWhitespace }
    return words.allSatisfy { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) }
      ? words.map { Secret(String($0)) } : nil
  } show: {
    $0.map(\.value).joined(separator: ",")
  }
}
