internal import ArgumentParser
internal import Handlers
internal import SQLiteStore
internal import Settings

/// `linernotes check`: whether the settings are sound, and the databases, the caches and search answer.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the settings, the databases, the caches and search.",
    discussion: "Ends with status 1 when something is wrong.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let settings = try Application.loadSettings(common)
    print("settings: sound (preset \(settings.preset.rawValue))")
    for notice in settings.notices + Application.libraryNotices(settings) { print("  notice: \(notice)") }

    let application = try Application(settings)
    var isSound = true
    for component in application.components {
      let state = component.check()
      print("\(component.name): \(state.isUp ? "up" : "DOWN") (\(state.detail))")
      if let notice = state.notice { print("  notice: \(notice)") }
      isSound = isSound && (state.isUp || state.isToBeSetUp)
    }
    if let file = application.storeFile, let report = try? file.report() {
      print("store: \(file.path) (journal: \(report.journalMode))")
      if report.isOnNetwork { print("  notice: it is on a network file system, where a rollback journal is used") }
    }
    if let uncredited = try? application.uncreditedAlbums(), uncredited > 0 {
      print("musicbrainz: BROKEN (\(uncredited) release groups are credited to nobody, so that no artist lists them)")
      isSound = false
    }
    guard isSound else { throw ExitCode.failure }
  }
}
