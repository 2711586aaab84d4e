internal import Cache
internal import Core
internal import Dataset
internal import Documents
internal import Handlers
internal import Logging
internal import Metadata
internal import Settings

/// The dataset file that is answered from, or why it is not.
struct DatasetState {
  private(set) var file: DatasetFile?
  private(set) var failure: String?

  /// A process that cannot use the file goes on without it: what it has is asked of MusicBrainz then.
  init(_ settings: Settings, _ logger: Logger) {
    do throws(CommandFailure) {
      file = try Application.openDataset(settings)
    } catch {
      failure = error.description
      logger.error("the dataset file is left out", metadata: ["reason": "\(error)"])
    }
  }

  /// Finds what is in the file, and what only the store has.
  func documents(before store: DocumentStore) -> ([CacheKey]) -> [Document?] {
    { [file] keys in
      guard let file else { return store.cached(keys) }
      let documents = file.get(keys)
      return documents.contains { $0 != nil } ? documents : store.cached(keys)
    }
  }

  /// For `/health` and `linernotes check`; none where no file is configured.
  var components: [Component] {
    if let failure { return [Component("dataset") { .init(isUp: false, detail: failure, advice: Advice.dataset) }] }
    guard let file else { return [] }
    return [Component("dataset") { DatasetState.state(of: file) }]
  }

  private static func state(of file: DatasetFile) -> Component.State {
    let detail = file.summary
    guard file.isWhole else {
      return .init(
        isUp: false, detail: "\(detail): somebody has written to it since it was opened",
        advice: Advice.dataset)
    }
    return .init(
      isUp: true, detail: detail,
      notice: file.damaged > 0 ? "damaged documents met by this process: \(file.damaged)" : nil, canAnswer: true)
  }
}

extension DatasetFile {
  /// `sample.dataset of 2026-11-27T10:00:00+00:00: 14 artists, 90 albums`
  var summary: String {
    let name = path.split(separator: "/").last.map { String($0) } ?? path
    let extent = info.isComplete ? "all of MusicBrainz" : "a part of MusicBrainz"
    let vintage = info.vintage.map { " as of \($0)" } ?? ""
    return "\(name), \(extent)\(vintage), written \(info.created.iso8601): \(count(of: .artist)) artists, "
      + "\(count(of: .album)) albums"
  }
}

extension Application {
  /// The file that the settings name; nil when they name none.
  ///
  /// - Throws: when it cannot be used, or was made under other settings.
  @discardableResult
  static func openDataset(_ settings: Settings) throws(CommandFailure) -> DatasetFile? {
    guard let path = settings.dataset else { return nil }
    let file: DatasetFile
    do throws(DatasetError) {
      file = try DatasetFile(path: path)
    } catch {
      throw CommandFailure(error.description)
    }
    let differences = file.info.differences(from: shaping(settings))
    guard differences.isEmpty else {
      throw CommandFailure("\(path) was made under other settings: \(differences.joined(separator: "; "))")
    }
    return file
  }

  /// The settings that shape what a dataset file holds.
  static func shaping(_ settings: Settings) -> [DatasetInfo.Setting] {
    [
      .init(name: "RELEASE_STATUS_DEFAULT", value: settings.releaseStatusDefault),
      .init(name: "RELEASE_STATUS_WITHDRAWN", value: settings.releaseStatusWithdrawn),
      .init(name: "MEDIUM_FORMAT_DEFAULT", value: settings.mediumFormatDefault),
      .init(name: "ALIAS_LOCALES", value: settings.aliasLocales.joined(separator: ",")),
      .init(
        name: "BLACKLISTED_ARTISTS",
        value: settings.specialPurposeArtists.map(\.description).sorted().joined(separator: ",")),
    ]
  }
}
