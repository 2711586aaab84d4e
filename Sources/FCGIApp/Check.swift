internal import ArgumentParser
internal import Core
@preconcurrency internal import Glibc
internal import Handlers
internal import SQLiteStore
internal import Settings

/// `linernotes check`: whether the settings are sound, and the databases, the caches and search answer.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the settings, the databases, the caches and search.",
    discussion: "Says what to do about what is wrong, and ends with status 1 then.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Print what /health tells, with the advice, as JSON.")
  var json = false

  func run() throws {
    let settings = try Application.loadSettings(common)
    let notices = settings.notices + Application.libraryNotices(settings)
    let application = try Application(settings)
    var report = application.api.health.look()
    if let uncredited = try? application.uncreditedAlbums(), uncredited > 0 {
      let state = Component.State(
        isUp: false, detail: "\(uncredited) release groups are credited to nobody, so that no artist lists them",
        advice: Advice.uncredited)
      report.entries.append(.init(name: "credits", state: state, since: .now))
    }
    if json {
      print(String(decoding: object(report, settings, notices), as: UTF8.self))
    } else {
      print(Check.lines(report, preset: settings.preset.rawValue, notices).joined(separator: "\n"))
      if let file = application.storeFile, let store = try? file.report() {
        print("store: \(file.path) (journal: \(store.journalMode))")
        if store.isOnNetwork { print("  notice: it is on a network file system, where a rollback journal is used") }
      }
    }
    let isSound = report.entries.allSatisfy { !$0.state.isEssential || $0.state.isUp || $0.state.isToBeSetUp }
    guard isSound else { throw ExitCode.failure }
  }

  private func object(_ report: HealthReport, _ settings: Settings, _ notices: [String]) -> [UInt8] {
    var json = JSONWriter()
    json.raw(#"{"status":"#)
    json.string(report.health.rawValue)
    json.raw(#","version":"#)
    json.string(Version.current)
    json.raw(#","timestamp":"#)
    json.string(UnixTime.now.iso8601)
    json.raw(#","preset":"#)
    json.string(settings.preset.rawValue)
    json.raw(#","notices":"#)
    json.strings(notices)
    json.raw(#","components":"#)
    report.write(into: &json, withAdvice: true)
    json.raw("}")
    return json.bytes
  }

  /// A line for each component, in columns, and below it what to know and what to do.
  static func lines(_ report: HealthReport, preset: String, _ notices: [String]) -> [String] {
    let names = ["settings"] + report.entries.map(\.name)
    let width = names.map(\.utf8.count).max() ?? 0
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
    let indent = String(repeating: " ", count: width + 2)
    var lines = ["\(padded("settings", width))  sound (preset \(preset))"]
    lines += notices.map { "  notice: \($0)" }
    for entry in report.entries {
      let state = entry.state
      let latency = entry.microseconds.map { "\($0 / 1_000).\($0 % 1_000 / 100) ms" } ?? "-"
      lines.append(
        "\(padded(entry.name, width))  \(padded(state.isUp ? "up" : "DOWN", 4))  \(padded(latency, 9)) \(state.detail)")
      if let notice = state.notice { lines.append("\(indent)notice: \(notice)") }
      if !state.isUp { lines.append("\(indent)since \(entry.since.iso8601), as far as anybody has looked") }
      if let advice = state.advice { lines.append("\(indent)→ \(advice)") }
    }
    lines.append("\(padded("in all", width))  \(report.health.rawValue)")
    return lines
  }
}
