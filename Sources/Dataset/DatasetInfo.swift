public import Core

/// What a dataset file says about itself.
public struct DatasetInfo: Equatable, Sendable {
  /// A setting that shapes what is in documents.
  public struct Setting: Equatable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public var created: UnixTime
  /// The version of the program that wrote it.
  public var program: String
  /// The settings that its documents were made under.
  public var settings: [Setting]
  /// The last change of MusicBrainz that is in it, ISO 8601; nil when that is not known.
  public var vintage: String?
  /// The name of the export of MusicBrainz that it was built from; nil for any other.
  public var export: String?
  /// Whether it holds all of MusicBrainz. An id that another file lacks may well exist.
  public var isComplete: Bool

  public init(
    created: UnixTime, program: String, settings: [Setting], vintage: String? = nil, export: String? = nil,
    isComplete: Bool = false
  ) {
    self.created = created
    self.program = program
    self.settings = settings
    self.vintage = vintage
    self.export = export
    self.isComplete = isComplete
  }

  /// Lines of a name and a value. Later versions may add names; earlier ones pass over them.
  var text: String {
    var lines = ["program=\(program)", "complete=\(isComplete ? "yes" : "no")"]
    if let vintage { lines.append("vintage=\(vintage)") }
    if let export { lines.append("export=\(export)") }
    lines += settings.map { "setting.\($0.name)=\($0.value)" }
    return lines.map { line in String(line.map { $0.isNewline ? " " : $0 }) + "\n" }.joined()
  }

  init(created: UnixTime, text: String) {
    self.init(created: created, program: "", settings: [])
    for line in text.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let name = line[..<equals]
      let value = String(line[line.index(after: equals)...])
      switch name {
      case "program": program = value
      case "complete": isComplete = value == "yes"
      case "vintage": vintage = value
      case "export": export = value
      default:
        guard name.hasPrefix("setting.") else { continue }
        settings.append(Setting(name: String(name.dropFirst("setting.".count)), value: value))
      }
    }
  }

  /// What is to be said of each setting that is not as it is here; none when all are.
  public func differences(from current: [Setting]) -> [String] {
    var differences: [String] = []
    for setting in current {
      let recorded = settings.first { $0.name == setting.name }?.value
      guard recorded != setting.value else { continue }
      differences.append("\(setting.name) is \(quoted(setting.value)), the file's \(quoted(recorded ?? ""))")
    }
    // One that this version does not know shaped the file as well.
    for setting in settings where !current.contains(where: { $0.name == setting.name }) {
      differences.append("\(setting.name), which the file was made with, is not known to this version")
    }
    return differences
  }

  private func quoted(_ value: String) -> String { value.isEmpty ? "empty" : "“\(value)”" }
}
