internal import ArgumentParser
internal import Settings

/// `linernotes config`: what is in force and where each value comes from.
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the settings in force and where each comes from; secrets are masked.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let settings = try Application.loadSettings(common)
    for line in settings.lines { print(line) }
  }
}
