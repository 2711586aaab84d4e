internal import ArgumentParser
internal import Dataset
internal import Settings

/// `linernotes dataset check | fetch | build | refresh`.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Build dataset files, and look into them.",
    subcommands: [Check.self, DatasetFetch.self, DatasetBuild.self, DatasetRefresh.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a dataset file holds, and whether all of it is as it was written.",
      discussion: "Ends with status 1 when it cannot be used, or was made under other settings.")

    @OptionGroup var common: CommonOptions

    @Argument(help: ArgumentHelp("A dataset file.", valueName: "file"))
    var path: String

    func run() throws {
      let settings = try Application.loadSettings(common)
      let file: DatasetFile
      do throws(DatasetError) {
        file = try DatasetFile(path: path)
        print(file.summary)
        print("written by linernotes \(file.info.program)")
        for setting in file.info.settings { print("  \(setting.name)=\(setting.value)") }
        for line in file.contents { print("  \(line)") }
        try file.verify()
        print("every checksum is right")
      } catch {
        throw CommandFailure(error.description)
      }
      let differences = file.info.differences(from: Application.shaping(settings))
      for difference in differences { print("not to be served from: \(difference)") }
      guard differences.isEmpty else { throw ExitCode.failure }
    }
  }
}
