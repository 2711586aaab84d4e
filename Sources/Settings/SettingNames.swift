internal import Core

/// What each accepted name means under one preset.
struct SettingNames {
  enum Meaning {
    /// The key at `index` of the table. Of several names the one with the lowest rank wins.
    case key(index: Int, rank: Int, spelling: SettingKey.Spelling, isPathOfFile: Bool)
    case retired(RetiredSetting)
    /// Meant for a preset that was not chosen.
    case otherPreset(Preset)
  }

  private var meanings: [String: Meaning] = [:]

  /// Names rank in this order: with the preset's own prefix, with `DEFAULTCONFIG_`, without one; within each the
  /// canonical name, then the others in the table's order. A value goes before a file that holds it.
  init(preset: Preset) {
    var prefixes = [preset.prefix, SettingCatalog.commonPrefix, ""]
    if preset == .default { prefixes.removeFirst() }
    let otherPresets = Preset.allCases.filter { $0 != preset && $0 != .default }
    for (index, key) in SettingCatalog.keys.enumerated() {
      var rank = 0
      for prefix in key.comesFirst ? [""] : prefixes {
        for spelling in key.spellings {
          for suffix in key.mayBeInFile ? ["", "_FILE"] : [""] {
            meanings[prefix + spelling.name + suffix] = .key(
              index: index, rank: rank, spelling: spelling, isPathOfFile: suffix != "")
            rank += 1
          }
        }
      }
      for other in key.comesFirst ? [] : otherPresets {
        for spelling in key.spellings {
          for suffix in key.mayBeInFile ? ["", "_FILE"] : [""] {
            meanings[other.prefix + spelling.name + suffix] = .otherPreset(other)
          }
        }
      }
    }
    for retired in SettingCatalog.retired {
      for name in retired.names {
        for prefix in Set(prefixes + Preset.allCases.map(\.prefix)) { meanings[prefix + name] = .retired(retired) }
      }
    }
  }

  subscript(name: String) -> Meaning? { meanings[name] }

  /// Whether a name looks as if it were meant for us.
  static func looksLikeOurs(_ name: String) -> Bool {
    prefixesOfOurs.contains(where: name.hasPrefix)
  }

  /// The key whose name, or other name, is most like this one.
  static func nearestKey(to name: String) -> SettingKey? {
    let word = Array(withoutPrefix(name).utf8)
    return SettingCatalog.keys.min { distance(from: word, to: $0) < distance(from: word, to: $1) }
  }

  private static let prefixesOfOurs: Set<String> = {
    var prefixes = Set(SettingCatalog.families + Preset.allCases.map(\.prefix))
    let names = SettingCatalog.keys.flatMap { $0.spellings.map(\.name) } + SettingCatalog.retired.flatMap(\.names)
    for name in names {
      if let separator = name.firstRange(of: "__") { prefixes.insert(String(name[..<separator.upperBound])) }
    }
    return prefixes
  }()

  private static func withoutPrefix(_ name: String) -> Substring {
    let prefix = Preset.allCases.map(\.prefix).first(where: name.hasPrefix) ?? ""
    return name.dropFirst(prefix.count)
  }

  private static func distance(from word: [UInt8], to key: SettingKey) -> Int {
    key.spellings.compactMap { EditDistance.between(word, Array($0.name.utf8)) }.min() ?? .max
  }
}
