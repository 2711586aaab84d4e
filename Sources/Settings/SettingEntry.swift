/// A name with its value, as a source has it.
struct SettingEntry: Sendable {
  /// The name as it is written there.
  let writtenName: String
  /// The name in the form in which the table has it.
  let name: String
  let text: String
  let source: Source

  enum Source: Sendable, Equatable {
    case environment
    case file(path: String)
  }

  /// What `linernotes config` calls its origin.
  var origin: String {
    switch source {
    case .environment: "env \(writtenName)"
    case .file(let path): "file \(path)"
    }
  }

  /// The entry, for messages.
  var place: String {
    switch source {
    case .environment: writtenName
    case .file(let path): "\(writtenName) in \(path)"
    }
  }

  var isFromFile: Bool { source != .environment }
}

extension SettingEntry {
  /// The environment's variables, in the order of their names.
  ///
  /// A web server that starts us as CGI passes a request's headers as `HTTP_…`: a client could set `HTTP_PORT`. Such
  /// names are left out there.
  static func entries(of environment: [String: String]) -> [SettingEntry] {
    let isCGI = environment["GATEWAY_INTERFACE"] != nil
    return environment.sorted { $0.key < $1.key }.compactMap { name, text in
      guard !(isCGI && name.hasPrefix("HTTP_")) else { return nil }
      return SettingEntry(writtenName: name, name: tableName(ofVariable: name), text: text, source: .environment)
    }
  }

  /// The original's nested names are often in lower case (`CACHE_TTL__fanart`); what comes before them never is.
  private static func tableName(ofVariable name: String) -> String {
    guard let separator = name.firstRange(of: "__") else { return name }
    return name[..<separator.lowerBound] + name[separator.lowerBound...].uppercased()
  }
}
