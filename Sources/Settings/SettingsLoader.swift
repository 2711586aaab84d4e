/// Puts a configuration together and collects what is wrong with it.
struct SettingsLoader {
  private let environment: [SettingEntry]
  private let fileArgument: String?
  private var settings = Settings()
  private var problems: [String] = []
  private var notices: [String] = []

  init(environment: [String: String], file: String?) {
    self.environment = SettingEntry.entries(of: environment)
    fileArgument = file
  }

  mutating func load() throws(SettingsError) -> Settings {
    let file = fileEntries()
    let preset = preset(from: environment + file)
    let names = SettingNames(preset: preset)
    // One list of candidates for each key and source; the sources in order of precedence.
    let sources = [environment, file].map { candidates(in: $0, names: names, preset: preset) }
    for (index, key) in SettingCatalog.keys.enumerated() {
      apply(key, candidates: sources.map { $0[index] ?? [] }, preset: preset)
    }
    checkTogether()
    guard problems.isEmpty else { throw SettingsError(problems) }
    settings.report.notices = notices
    return settings
  }

  // MARK: What decides how the rest is read

  private mutating func fileEntries() -> [SettingEntry] {
    let variable = environment.first { $0.name == SettingCatalog.fileName && !trimmed($0.text).isEmpty }
    guard let path = fileArgument ?? variable.map({ trimmed($0.text) }) else { return [] }
    do {
      let entries = try SettingsFile.entries(path: path)
      for entry in entries where entry.name == SettingCatalog.fileName {
        notices.append("\(entry.place) has no effect: a configuration file cannot name another.")
      }
      return entries.filter { $0.name != SettingCatalog.fileName }
    } catch {
      problems += error.problems
      return []
    }
  }

  /// A name that is no preset's is reported later, with the other bad values.
  private func preset(from entries: [SettingEntry]) -> Preset {
    let entry = entries.first { $0.name == SettingCatalog.presetName && !trimmed($0.text).isEmpty }
    return entry.flatMap { Preset(name: trimmed($0.text)) } ?? .default
  }

  // MARK: Names

  /// A value that may become a key's.
  private struct Candidate {
    let entry: SettingEntry
    let rank: Int
    let text: String
    let reading: SettingKey.Reading?
  }

  /// The values given in one source, for each key that has any, those with the most specific names first.
  private mutating func candidates(
    in entries: [SettingEntry], names: SettingNames, preset: Preset
  ) -> [Int: [Candidate]] {
    var candidates: [Int: [Candidate]] = [:]
    for entry in entries {
      switch names[entry.name] {
      case .key(let index, let rank, let spelling, let isPathOfFile):
        let key = SettingCatalog.keys[index]
        guard let text = text(of: entry, key: key, isPathOfFile: isPathOfFile) else { continue }
        let reading = read(text, of: entry, key: key, spelling: spelling)
        let candidate = Candidate(entry: entry, rank: rank, text: text, reading: reading)
        candidates[index, default: []].append(candidate)
      case .retired(let retired):
        notices.append("\(entry.place) has no effect. \(retired.instead)")
      case .otherPreset(let other):
        notices.append(
          "\(entry.place) has no effect: it is for the preset \(other.rawValue), this is \(preset.rawValue).")
      case nil:
        guard entry.isFromFile || SettingNames.looksLikeOurs(entry.name) else { continue }
        let nearest = SettingNames.nearestKey(to: entry.name).map { "; the nearest key is \($0.name)" } ?? ""
        notices.append("\(entry.place) is not known\(nearest).")
      }
    }
    return candidates.mapValues { $0.sorted { ($0.rank, $0.entry.writtenName) < ($1.rank, $1.entry.writtenName) } }
  }

  // MARK: Values

  /// The text to read for a key; nil when the entry says nothing.
  private mutating func text(of entry: SettingEntry, key: SettingKey, isPathOfFile: Bool) -> String? {
    var text = entry.text
    if isPathOfFile {
      guard !text.isEmpty else { return nil }
      do {
        text = trimmed(String(decoding: try FileContents.read(text), as: UTF8.self))
      } catch {
        problems.append(
          "\(place(entry, key)): cannot read the file \(Masking.quoted(text, isSecret: false)): \(error.reason)")
        return nil
      }
    } else if key.confidentiality != .secret {
      text = trimmed(text)
    }
    if isNull(text, entry: entry, key: key) { return nil }
    if text.isEmpty, key.emptyMeans == nil { return nil }
    if key.mayBeInFile, text.lowercased() == "replaceme" {
      notices.append("\(place(entry, key)): \"replaceme\" is a placeholder and counts as unset.")
      return nil
    }
    return text
  }

  /// YAML's null is told as its text. For a key that has no such word, it says nothing.
  private func isNull(_ text: String, entry: SettingEntry, key: SettingKey) -> Bool {
    entry.isFromFile && ["null", "~"].contains(text.lowercased()) && key.name != "RATE_LIMITER"
  }

  private mutating func read(
    _ text: String, of entry: SettingEntry, key: SettingKey, spelling: SettingKey.Spelling
  ) -> SettingKey.Reading? {
    if let reading = key.read(spelling.converted(text)) { return reading }
    let unit = spelling.isInMilliseconds ? ", in milliseconds," : ""
    problems.append("\(place(entry, key)): \(key.quoted(text)) is not allowed; it must be\(unit) \(key.allowed)")
    return nil
  }

  /// The entry's name as it is written, and the canonical one where they differ.
  private func place(_ entry: SettingEntry, _ key: SettingKey) -> String {
    entry.writtenName == key.name ? entry.place : "\(entry.place) (\(key.name))"
  }

  private mutating func apply(_ key: SettingKey, candidates sources: [[Candidate]], preset: Preset) {
    for candidates in sources { reportDisagreement(of: candidates, key: key) }
    if key.name == SettingCatalog.fileName, let path = fileArgument {
      store(key, key.read(path), source: "argument")
      for candidate in sources.joined() where candidate.text != path {
        notices.append(
          "\(key.name): the argument (\(key.quoted(path))) is used, not \(candidate.entry.place) (\(key.quoted(candidate.text)))."
        )
      }
    } else if let winner = sources.compactMap(\.first).first {
      store(key, winner.reading, source: winner.entry.origin)
      noteSynonym(winner, key: key)
    } else if let text = key.presetTexts[preset] {
      store(key, key.read(text), source: "preset \(preset.rawValue)")
    } else {
      store(key, key.read(key.defaultText), source: "default")
    }
  }

  /// What is nil was not allowed, and has been reported.
  private mutating func store(_ key: SettingKey, _ reading: SettingKey.Reading?, source: String) {
    guard let reading else { return }
    reading.store(&settings)
    let shown =
      reading.text.isEmpty
      ? "(unset)" : key.confidentiality == .secret ? Masking.mask : Masking.hidingPasswords(reading.text)
    settings.report.entries.append(.init(key: key.name, value: shown, source: source))
  }

  private mutating func reportDisagreement(of candidates: [Candidate], key: SettingKey) {
    guard let winner = candidates.first else { return }
    for loser in candidates.dropFirst()
    where (loser.reading?.text ?? loser.text) != (winner.reading?.text ?? winner.text) {
      notices.append(
        "\(key.name): \(winner.entry.place) (\(key.quoted(winner.text))) is used, "
          + "not \(loser.entry.place) (\(key.quoted(loser.text))).")
    }
  }

  private mutating func noteSynonym(_ candidate: Candidate, key: SettingKey) {
    guard key.name == "RATE_LIMITER", let reading = candidate.reading, candidate.text.lowercased().hasPrefix("redis")
    else { return }
    notices.append("\(place(candidate.entry, key)): \(key.quoted(candidate.text)) is read as \(reading.text).")
  }

  // MARK: What no value shows by itself

  private mutating func checkTogether() {
    let database = settings.database
    if database.ports.count > 1, database.ports.count != database.hosts.count {
      problems.append(
        "DATABASE__PORT: there are \(database.ports.count) ports for \(database.hosts.count) hosts; "
          + "it must be one port for all hosts of DATABASE__HOST, or one for each")
    }
    checkMusicBrainz()
    if let host = settings.imageCacheHost, SettingsLoader.isProviders(host) {
      settings.imageCacheHost = nil
      notices.append(
        "IMAGE_CACHE_HOST: \(host) is a provider's own host, not a cache: images keep their own addresses.")
    }
  }

  private mutating func checkMusicBrainz() {
    let musicBrainz = settings.musicBrainz
    if musicBrainz.isOfficialHost, musicBrainz.intervalMilliseconds < 1_000 {
      problems.append(
        "MUSICBRAINZ__INTERVAL: less than 1 second is not allowed for musicbrainz.org, only for other hosts in "
          + "MUSICBRAINZ__BASE_URL")
    }
    if musicBrainz.source == .webService, musicBrainz.isOfficialHost, musicBrainz.contact == nil {
      notices.append(
        "MUSICBRAINZ__CONTACT is not set: musicbrainz.org is asked for nothing, so that only what is stored is answered."
      )
    }
    // Everybody who is asked wants to know whom to reach.
    if let contact = musicBrainz.contact, let index = settings.report.entries.firstIndex(where: isDefaultUserAgent) {
      settings.external.userAgent = "Linernotes/1.0 (music metadata server; \(contact))"
      settings.report.entries[index] = .init(
        key: "WIKIPEDIA__USER_AGENT", value: settings.external.userAgent, source: "default with MUSICBRAINZ__CONTACT")
    }
  }

  private func isDefaultUserAgent(_ entry: SettingsReport.Entry) -> Bool {
    entry.key == "WIKIPEDIA__USER_AGENT" && entry.source == "default"
  }

  /// Whether this is, or is under, a domain that images come from: nothing there knows the paths of an image cache.
  private static func isProviders(_ hostAndPort: String) -> Bool {
    let name = hostAndPort.lowercased()
    var host = name[(name.firstRange(of: "://")?.upperBound ?? name.startIndex)...].prefix { $0 != ":" }
    if host.last == "." { host.removeLast() }
    return ["coverartarchive.org", "archive.org", "theaudiodb.com", "fanart.tv", "wikimedia.org", "wikipedia.org"]
      .contains { host == $0 || host.hasSuffix("." + $0) }
  }
}
