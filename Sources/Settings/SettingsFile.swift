internal import Core

/// Reads a YAML or JSON file of settings.
enum SettingsFile {
  /// The entries of the file in the order of their names; those that are nested are joined by `__` and in upper case.
  static func entries(path: String) throws(SettingsError) -> [SettingEntry] {
    let bytes: [UInt8]
    do {
      bytes = try FileContents.read(path)
    } catch {
      throw SettingsError("\(path): cannot read this configuration file: \(error.reason)")
    }
    do {
      let values = path.lowercased().hasSuffix(".json") ? try json(bytes) : try yaml(bytes)
      return values.sorted { $0.key < $1.key }.map { name, text in
        SettingEntry(writtenName: name, name: tableName(of: name), text: text, source: .file(path: path))
      }
    } catch {
      throw SettingsError("\(path): this configuration file is broken: \(reason(of: error))")
    }
  }

  private enum Broken: Error, CustomStringConvertible {
    case noText
    case noJSON
    case noMapping
    case unfitting(name: String)

    var description: String {
      switch self {
      case .noText: "it is not text in UTF-8"
      case .noJSON: "it is not JSON, or is cut short"
      case .noMapping: "it must be a mapping of names to values"
      case .unfitting(let name): "\(name) is neither a value nor a list of values nor a mapping"
      }
    }
  }

  private static func tableName(of name: String) -> String {
    name.uppercased().split(separator: ".").joined(separator: "__")
  }

  private static func joined(_ name: String, _ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  private static func json(_ bytes: [UInt8]) throws(Broken) -> [String: String] {
    guard let root = JSONValue(bytes) else { throw .noJSON }
    return try values(in: root)
  }

  private static func yaml(_ bytes: [UInt8]) throws -> [String: String] {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Broken.noText }
    let root = try YAMLReader.value(of: bytes)
    // A file whose every line is commented out is an empty mapping.
    if case .null = root { return [:] }
    return try values(in: root)
  }

  private static func values(in root: JSONValue) throws(Broken) -> [String: String] {
    guard root.isObject else { throw .noMapping }
    var values: [String: String] = [:]
    try add(root, "", to: &values)
    return values
  }

  /// The value as it would be written in the environment. Null says nothing.
  private static func add(_ value: JSONValue, _ name: String, to values: inout [String: String]) throws(Broken) {
    switch value {
    case .null: break
    case .object(let members):
      for (key, member) in members { try add(member, joined(name, key), to: &values) }
    case .array(let elements):
      let texts = elements.compactMap(text)
      guard texts.count == elements.count else { throw .unfitting(name: name) }
      values[name] = texts.joined(separator: ",")
    default: values[name] = text(value)
    }
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text), .number(let text): text
    case .boolean(let flag): String(flag)
    default: nil
    }
  }

  /// Only the first line of a parser's message: the others quote the file, and there may be a password there.
  private static func reason(of error: any Error) -> String {
    let text = String(describing: error)
    return trimmed(text.split(whereSeparator: \.isNewline).first ?? "")
  }
}
