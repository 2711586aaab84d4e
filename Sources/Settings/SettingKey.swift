/// Where in the settings a key's value goes.
typealias SettingPath<Value> = any WritableKeyPath<Settings, Value> & Sendable

/// One row of the table of keys: everything that is known about a key, and where its value goes.
public struct SettingKey: Sendable {
  /// The canonical name.
  public let name: String
  /// The other names it may have, without prefix, the more specific first.
  public let otherSpellings: [Spelling]
  /// Completes the sentence "… is not allowed: it must be".
  public let allowed: String
  /// The text of its default; empty when it has none.
  public let defaultText: String
  /// The texts that presets put in the default's place.
  public let presetTexts: [Preset: String]
  /// What an empty value says. Nil: an empty value counts as none, and the next source is asked.
  public let emptyMeans: String?
  public let confidentiality: Confidentiality
  public let summary: String

  /// Reads a text; nil when it is not allowed.
  let read: @Sendable (String) -> Reading?

  /// A text that was understood.
  struct Reading: Sendable {
    /// The text in its normal form.
    let text: String
    let store: @Sendable (inout Settings) -> Void
  }

  public enum Confidentiality: Sendable {
    /// Shown, but for passwords in URLs.
    case open
    /// Shown; but a placeholder counts as none, and the value may be in a file.
    case credential
    /// As a credential, and masked wherever it is shown.
    case secret
  }

  /// Another name of a key.
  public struct Spelling: Sendable, ExpressibleByStringLiteral {
    public let name: String
    /// The original counts in milliseconds what the key counts in seconds.
    public let isInMilliseconds: Bool

    public init(stringLiteral name: String) {
      self.name = name
      isInMilliseconds = false
    }

    /// The text in the key's own unit.
    func converted(_ text: String) -> String {
      guard isInMilliseconds, let milliseconds = Double(text) else { return text }
      return String(milliseconds / 1000)
    }

    public static func milliseconds(_ name: String) -> Spelling { Spelling(name: name, isInMilliseconds: true) }

    private init(name: String, isInMilliseconds: Bool) {
      self.name = name
      self.isInMilliseconds = isInMilliseconds
    }
  }

  init<Value>(
    _ name: String, _ path: SettingPath<Value>, _ type: SettingType<Value>,
    default defaultText: String = "", presets presetTexts: [Preset: String] = [:], also otherSpellings: [Spelling] = [],
    empty emptyMeans: String? = nil, as confidentiality: Confidentiality = .open, _ summary: String
  ) {
    self.name = name
    self.otherSpellings = otherSpellings
    self.allowed = type.allowed
    self.defaultText = defaultText
    self.presetTexts = presetTexts
    self.emptyMeans = emptyMeans
    self.confidentiality = confidentiality
    self.summary = summary
    read = { text in
      guard let value = type.parse(text) else { return nil }
      return Reading(text: type.show(value)) { $0[keyPath: path] = value }
    }
  }

  /// Whether the value may be given as the path of a file that holds it, under the name with `_FILE` behind it.
  public var mayBeInFile: Bool { confidentiality != .open }

  /// Whether the key decides how the others are read, so that it has only its own name.
  var comesFirst: Bool { name == SettingCatalog.presetName || name == SettingCatalog.fileName }

  /// Its name and the other ones, in order of precedence.
  var spellings: [Spelling] { [Spelling(stringLiteral: name)] + otherSpellings }

  /// A value as messages quote it.
  func quoted(_ text: String) -> String { Masking.quoted(text, isSecret: confidentiality == .secret) }
}

/// A heading of the table.
public struct SettingSection: Sendable {
  public let title: String
  public let keys: [SettingKey]
}

/// Names that once meant something and are still understood, so that they can be answered with what replaces them.
public struct RetiredSetting: Sendable {
  public let names: [String]
  /// A sentence.
  public let instead: String
}
