internal import Core

/// How a key's text becomes a value, and what texts there are.
struct SettingType<Value: Sendable>: Sendable {
  /// Completes the sentence "… is not allowed: it must be".
  let allowed: String
  /// Nil when the text is not allowed. The text is trimmed, except a secret's.
  let parse: @Sendable (String) -> Value?
  /// The value as `linernotes config` shows it.
  let show: @Sendable (Value) -> String
}

extension SettingType where Value == Bool {
  static let boolean = SettingType(allowed: "true, 1 or yes, or false, 0 or no") { text in
    switch text.lowercased() {
    case "true", "1", "yes": true
    case "false", "0", "no": false
    default: nil
    }
  } show: {
    $0 ? "true" : "false"
  }
}

extension SettingType where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> SettingType {
    SettingType(allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    } show: {
      String($0)
    }
  }

  /// A time in seconds, kept as milliseconds.
  static func seconds(_ range: ClosedRange<Double>) -> SettingType {
    SettingType(allowed: "a number of seconds from \(plain(range.lowerBound)) to \(plain(range.upperBound))") { text in
      Double(text).flatMap { range.contains($0) ? Int(($0 * 1000).rounded()) : nil }
    } show: {
      plain(Double($0) / 1000)
    }
  }
}

extension SettingType where Value == Int? {
  static func integer(_ range: ClosedRange<Int>) -> SettingType {
    let integer = SettingType<Int>.integer(range)
    return SettingType(allowed: integer.allowed) { text in
      if text.isEmpty { return .some(nil) }
      return integer.parse(text).map { .some($0) }
    } show: {
      $0.map { String($0) } ?? ""
    }
  }
}

extension SettingType where Value == Double {
  static func number(_ range: ClosedRange<Double>) -> SettingType {
    SettingType(allowed: "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))") { text in
      Double(text).flatMap { range.contains($0) ? $0 : nil }
    } show: {
      plain($0)
    }
  }
}

/// A number without the `.0` of a whole one.
private func plain(_ number: Double) -> String {
  Int(exactly: number).map { String($0) } ?? String(number)
}

extension SettingType where Value: SettingChoice {
  static var choice: SettingType {
    let words = Value.allCases.map(\.rawValue)
    return SettingType(allowed: "one of " + words.joined(separator: ", ")) { text in
      Value(word: text)
    } show: {
      $0.rawValue
    }
  }
}

extension SettingType where Value == LogLevel? {
  static let logLevel = SettingType(allowed: SettingType<LogLevel>.choice.allowed) { text in
    if text.isEmpty { return .some(nil) }
    return LogLevel(word: text).map { .some($0) }
  } show: {
    $0?.rawValue ?? ""
  }
}

extension SettingType where Value == [LogModuleLevel] {
  static let logLevels = SettingType(
    allowed: "modules with a level each, such as linernotes.cache=debug, separated by commas"
  ) { text in
    var levels: [LogModuleLevel] = []
    for pair in text.split(separator: ",") {
      let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
      let words = parts.map { $0.filter { $0 != " " } }
      guard words.count == 2, !words[0].isEmpty, TextRule.word.accepts(words[0]),
        let level = LogLevel(word: words[1])
      else { return nil }
      levels.append(LogModuleLevel(module: words[0], level: level))
    }
    return levels
  } show: { levels in
    levels.map { "\($0.module)=\($0.level.rawValue)" }.joined(separator: ",")
  }
}

extension SettingType where Value == Preset {
  static let preset = SettingType(allowed: SettingType<Preset>.choice.allowed) {
    Preset(name: $0)
  } show: {
    $0.rawValue
  }
}

extension SettingType where Value == [MBID] {
  /// The original separates list items by colons.
  static let mbids = SettingType(allowed: "MusicBrainz ids (UUIDs), separated by commas or colons") { text in
    let words = text.split { $0 == "," || $0 == ":" || $0.isWhitespace }
    let ids = words.compactMap { MBID($0) }
    return ids.count == words.count ? ids : nil
  } show: {
    $0.map(\.description).joined(separator: ",")
  }
}

extension SettingType where Value == [MemcachedAddress] {
  static let servers = SettingType(allowed: "a list of /path.sock or host:port, separated by commas") { text in
    let words = items(of: text)
    let servers = words.compactMap { MemcachedAddress($0) }
    return servers.count == words.count ? servers : nil
  } show: {
    $0.map(\.description).joined(separator: ",")
  }
}

extension SettingType where Value == [Int] {
  static let ports = SettingType(allowed: "a port from 1 to 65535, or one for each host, separated by commas") { text in
    let words = items(of: text)
    let ports = words.compactMap { Int($0) }.filter { (1...65535).contains($0) }
    return ports.count == words.count && !ports.isEmpty ? ports : nil
  } show: {
    $0.map { String($0) }.joined(separator: ",")
  }
}

/// The comma-separated parts of a list. An empty text has none; a part between two commas is empty.
func items(of text: String) -> [String] {
  if text.isEmpty { return [] }
  return text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
}

func trimmed(_ text: some StringProtocol) -> String {
  var text = text[...]
  while text.first?.isWhitespace == true { text = text.dropFirst() }
  while text.last?.isWhitespace == true { text = text.dropLast() }
  return String(text)
}
