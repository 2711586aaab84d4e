internal import Core
internal import Dataset
internal import Logging
internal import Settings

/// Notices when another dataset file has taken the place of the one that is served from.
final class DatasetWatch {
  private let settings: Settings
  private let logger: Logger
  private var known: FileIdentity?

  /// - Returns: nil where no file is served from.
  init?(_ settings: Settings, _ logger: Logger) {
    guard let path = settings.dataset else { return nil }
    self.settings = settings
    self.logger = logger
    known = FileIdentity(path)
  }

  /// Whether new workers could open what is there now.
  var isUsable: Bool {
    do throws(CommandFailure) {
      try Application.openDataset(settings)
      return true
    } catch {
      logger.error("the old workers stay: new ones could not open the dataset file", metadata: ["reason": "\(error)"])
      return false
    }
  }

  /// Whether there is another one since it was asked last, and it can be used.
  func hasAnother() -> Bool {
    guard let path = settings.dataset, let now = FileIdentity(path), known.map({ !now.isSameFile(as: $0) }) ?? true
    else {
      return false
    }
    known = now
    do throws(CommandFailure) {
      guard let file = try Application.openDataset(settings) else { return false }
      logger.info("another dataset file is taken over", metadata: ["file": "\(file.summary)"])
      return true
    } catch {
      logger.error("another dataset file is not taken over", metadata: ["reason": "\(error)"])
      return false
    }
  }
}
