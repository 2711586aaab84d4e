internal import ArgumentParser
@preconcurrency internal import Glibc
internal import HTTP
internal import Lidarr
internal import Logging
internal import SQLiteStore

/// `linernotes lidarr --url URL --to URL`: points a Lidarr here.
struct LidarrCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lidarr",
    abstract: "Tell a Lidarr which metadata server to ask, or take that back.",
    discussion: """
      Reads Lidarr's setting by its REST API, saves it in the state directory ($STATE_DIRECTORY), changes it, and has \
      Lidarr search to see whether it works.

      Lidarr's API key (Settings, General) is read from LIDARR_API_KEY, from the file that --key-file or \
      LIDARR_API_KEY_FILE names, or from standard input: a command line is for everybody on the machine to see.

      Ends with status 1 when nothing was changed, and with 3 when the setting was changed and a search fails.
      """)

  @Option(help: ArgumentHelp("Where Lidarr is, such as http://lidarr:8686.", valueName: "url"))
  var url: String

  @Option(help: ArgumentHelp("The metadata server, as Lidarr reaches it.", valueName: "url"))
  var to: String?

  @Flag(help: "Go back to what was set before the first change, or else to Lidarr's own server.")
  var revert = false

  @Flag(help: "Tell what is set, and change nothing.")
  var show = false

  @Flag(help: "Do not ask the metadata server first whether it is one.")
  var force = false

  @Option(name: .customLong("key-file"), help: ArgumentHelp("A file that holds Lidarr's API key.", valueName: "file"))
  var keyFile: String?

  @Option(help: ArgumentHelp("What to search for, to see whether it works.", valueName: "words"))
  var search = "pink floyd"

  @Flag(help: "Believe any certificate that Lidarr shows.")
  var insecure = false

  @Option(
    name: .customLong("ca-file"),
    help: ArgumentHelp("Certificates to trust, instead of the system's (PEM).", valueName: "file"))
  var authorities: String?

  func validate() throws {
    guard [to != nil, revert, show].count(where: { $0 }) == 1 else {
      throw ValidationError("one of --to URL, --revert and --show is needed")
    }
    guard !insecure || authorities == nil else { throw ValidationError("--insecure and --ca-file exclude each other") }
    guard !search.isEmpty else { throw ValidationError("--search: nothing to search for") }
  }

  func run() throws {
    do throws(LidarrFailure) {
      try act()
    } catch {
      guard error.hasChanged else { throw CommandFailure(error.description) }
      fputs("Error: \(error)\n", stderr)
      throw ExitCode(3)
    }
  }

  private func act() throws(LidarrFailure) {
    let address = try BaseURL(url, of: "--url")
    let target: BaseURL? = if let to { try BaseURL(to, of: "--to") } else { nil }
    let trust: HTTPService.Trust = authorities.map { .authorities(file: $0) } ?? .system
    if let authorities, access(authorities, R_OK) != 0 {
      throw LidarrFailure("--ca-file: cannot be read: \(authorities)")
    }
    let fetcher = CurlFetcher(
      userAgent: "Linernotes/\(Version.current)",
      logger: Logger(label: "linernotes.lidarr") { _ in SwiftLogNoOpLogHandler() })
    let lidarr = try LidarrClient(
      address, key: try LidarrKey.read(file: keyFile, environment: Application.environment),
      trust: insecure ? .anybody : trust, fetcher: fetcher)
    let action = LidarrSwitch(
      lidarr, saved: SavedSource(path: try LidarrCommand.path(SavedSource.name(address))), term: search
    ) { print($0) }
    if show {
      try action.show()
    } else if let target {
      // Lidarr itself has to trust this one, so it is not excused.
      try action.point(
        to: target, trying: force ? nil : MetadataServer(target, trust: trust, fetcher: fetcher))
    } else {
      try action.revert()
    }
  }

  private static func path(_ name: String) throws(LidarrFailure) -> String {
    guard
      case .file(let path) = StoreLocation.of(
        url: "sqlite:///\(name)", environment: Application.environment, home: { Application.home },
        workingDirectory: { nil })
    else { throw LidarrFailure("there is no directory to save the present value in: set STATE_DIRECTORY") }
    return path
  }
}
