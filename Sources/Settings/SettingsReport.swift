/// What is in force and where it comes from, for `linernotes config`. Secrets are masked in it.
public struct SettingsReport: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    /// The canonical name.
    public let key: String
    /// As it may be shown: `********` for a secret that is set, `(unset)` where there is no value.
    public let value: String
    /// `env NAME`, `file PATH`, `argument`, `preset NAME` or `default`.
    public let source: String
  }

  /// One for each key, in the order of the table.
  public internal(set) var entries: [Entry] = []
  /// What the operator should know, a line each: names that are not known, that have no effect, or that disagree.
  public internal(set) var notices: [String] = []

  public var lines: [String] {
    entries.map { "\($0.key) = \($0.value)  # \($0.source)" } + notices.map { "# notice: \($0)" }
  }
}

extension SettingsReport: CustomStringConvertible {
  public var description: String { lines.joined(separator: "\n") }
}
