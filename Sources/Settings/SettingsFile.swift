internal import Configuration
internal import Synchronization

/// Reads a YAML or JSON file of settings.
enum SettingsFile {
  /// The entries of the file, nested names joined by `__` and in upper case.
  static func entries(path: String) throws(SettingsError) -> [SettingEntry] {
    let bytes: [UInt8]
    do {
      bytes = try FileContents.read(path)
    } catch {
      throw SettingsError("\(path): cannot read this configuration file: \(error.reason)")
    }
    let names = Names()
    do {
      let snapshot: any ConfigSnapshot
      if path.lowercased().hasSuffix(".json") {
        snapshot = try JSONSnapshot(
          data: bytes.span.bytes, providerName: path,
          parsingOptions: .init(secretsSpecifier: .dynamic { name, _ in names.note(name) }))
      } else if hasOnlyComments(bytes) {
        return []
      } else {
        snapshot = try YAMLSnapshot(
          data: bytes.span.bytes, providerName: path,
          parsingOptions: .init(secretsSpecifier: .dynamic { name, _ in names.note(name) }))
      }
      return names.all.compactMap { name in
        guard let text = text(of: name, in: snapshot) else { return nil }
        return SettingEntry(
          writtenName: name, name: tableName(of: name), text: text, source: .file(path: path))
      }
    } catch {
      throw SettingsError("\(path): this configuration file is broken: \(reason(of: error))")
    }
  }

  /// A snapshot does not tell its names, but it asks for each whether it is secret.
  private final class Names: Sendable {
    private let noted = Mutex<Set<String>>([])

    /// Every value counts as secret, so that no description of the snapshot shows one.
    func note(_ name: String) -> Bool {
      noted.withLock { _ = $0.insert(name) }
      return true
    }

    var all: [String] { noted.withLock { $0.sorted() } }
  }

  /// The value as it would be written in the environment. Nil for null, which says nothing.
  private static func text(of name: String, in snapshot: any ConfigSnapshot) -> String? {
    let key = AbsoluteConfigKey(name.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    // A string is asked for first: YAML gives every scalar as it is written.
    let types: [ConfigType] = [.string, .int, .double, .bool, .stringArray, .intArray, .doubleArray]
    for type in types {
      guard let content = try? snapshot.value(forKey: key, type: type).value?.content else { continue }
      switch content {
      case .string(let text): return text
      case .int(let number): return String(number)
      case .double(let number): return String(number)
      case .bool(let flag): return String(flag)
      case .stringArray(let texts): return texts.joined(separator: ",")
      case .intArray(let numbers): return numbers.map { String($0) }.joined(separator: ",")
      case .doubleArray(let numbers): return numbers.map { String($0) }.joined(separator: ",")
      default: continue
      }
    }
    return nil
  }

  private static func tableName(of name: String) -> String {
    name.uppercased().split(separator: ".").joined(separator: "__")
  }

  /// A file whose every line is commented out is an empty mapping, not a broken one.
  private static func hasOnlyComments(_ bytes: [UInt8]) -> Bool {
    bytes.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
      let text = trimmed(String(decoding: line, as: UTF8.self))
      return text.isEmpty || text.hasPrefix("#") || text == "---"
    }
  }

  /// Only the first line of a parser's message: the others quote the file, and there may be a password there.
  private static func reason(of error: any Error) -> String {
    let text = String(describing: error)
    return trimmed(text.split(whereSeparator: \.isNewline).first ?? "")
  }
}
