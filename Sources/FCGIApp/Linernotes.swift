internal import ArgumentParser
internal import Pool
internal import Settings

/// The command line: `linernotes serve | status | check | config | search-index | store | export | import | dataset |
/// crawl | initialize | invalidate | listen | purge | lidarr | key`.
struct Linernotes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "linernotes",
    abstract: "The music metadata server that Lidarr talks to.",
    version: Version.current,
    subcommands: [
      Serve.self, Status.self, Check.self, Config.self, SearchIndex.self, Store.self, Export.self, Import.self,
      DatasetCommand.self, SearchNames.self, Crawl.self, Initialize.self, InvalidateCommand.self, Listen.self,
      PurgeCommand.self, LidarrCommand.self, Key.self,
    ])

  @OptionGroup(visibility: .hidden) var initialization: InitializationFlags

  func run() throws {
    guard !initialization.parts.isEmpty else { throw CleanExit.helpRequest(self) }
    try Initialize.fill(initialization.parts, try Application.loadSettings(), StopSignal())
  }
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("A YAML or JSON file of settings; the environment has precedence.", valueName: "file"))
  var configurationFile: String?
}
