internal import ArgumentParser
internal import Core
internal import Dataset
internal import Dumps
@preconcurrency internal import Glibc
internal import Metadata
internal import Pool
internal import Settings

/// `linernotes dataset build DIR --out FILE`: all of MusicBrainz in one file.
struct DatasetBuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Build a dataset file from the public dumps of MusicBrainz.",
    discussion: """
      The directory holds mbdump.tar.bz2, mbdump-derived.tar.bz2 and mbdump-cover-art-archive.tar.bz2 of one export. \
      Beside the new file there must be room for about three times what they take. The new file takes the place of an \
      old one when it is whole. With lbzip2 installed it takes less time. A build that is interrupted when it has read \
      and joined the archives leaves FILE.parts, from which the next one goes on.
      """)

  @OptionGroup var common: CommonOptions

  @OptionGroup var options: Options

  @Argument(help: ArgumentHelp("Where the archives are.", valueName: "directory"))
  var folder: String

  @Option(help: ArgumentHelp("Where to write the file.", valueName: "file"))
  var out: String

  struct Options: ParsableArguments {
    @Option(help: ArgumentHelp("How many threads work; as many as there are processors.", valueName: "number"))
    var threads: Int?

    @Option(
      help: ArgumentHelp(
        "How much memory it may take, such as 1G or 800M; 2G does for all of MusicBrainz.", valueName: "size"))
    var memory: String?

    /// In bytes.
    var memoryBytes: Int {
      get throws {
        guard let memory else { return DumpBuild.Options.usualMemory }
        let units: [Character: Int] = ["M": 20, "G": 30]
        guard let unit = memory.last.flatMap({ units[$0] }), let number = Int(memory.dropLast()),
          (1...1_000_000).contains(number)
        else { throw ValidationError("--memory \(memory): must be a number of M or G, such as 2G") }
        return number << unit
      }
    }

    func validate() throws {
      _ = try memoryBytes
      if let threads, !(1...256).contains(threads) {
        throw ValidationError("--threads \(threads): allowed are 1 to 256")
      }
    }
  }

  func run() throws {
    try DatasetBuild.build(folder, to: out, options, try Application.loadSettings(common), StopSignal())
  }

  /// What would only fail at the end, or take away what it is built from.
  private static func check(_ path: String, _ folder: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, let file = FileIdentity(path) else { return }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw CommandFailure("\(path) is a directory") }
    for name in DumpBuild.archives where FileIdentity("\(folder)/\(name)")?.isSameFile(as: file) == true {
      throw CommandFailure("\(path) is one of the archives that it would be built from")
    }
  }

  /// - Parameter export: what MusicBrainz calls the export; nil: nobody said.
  static func build(
    _ folder: String, to path: String, export: String? = nil, _ options: Options, _ settings: Settings,
    _ stop: StopSignal
  ) throws {
    try check(path, folder)
    // Else a limit on the length of files ends the process without a word.
    signal(SIGXFSZ, SIG_IGN)
    var line = ProgressLine()
    // One that goes on with what another read begins later than at 0.
    var begun: Double?
    let processors = Int(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let build = DumpBuild(
      folder: folder,
      .init(
        catalog: Catalog.Options(settings), threads: options.threads ?? processors, memory: try options.memoryBytes)
    ) { progress in
      let start = begun ?? progress.whole
      begun = start
      line.show(progress.words + line.left(of: progress.whole, since: start))
      return !stop.isPending
    }
    do throws(DumpError) {
      let summary = try build.run(
        to: path, program: Version.current, settings: Application.shaping(settings), export: export)
      line.end(
        "\(path): \(summary.artists) artists, \(summary.albums) albums, \(summary.series) series, \(summary.length) bytes, "
          + "\(Int(line.seconds)) s; scratch files took \(summary.scratch) bytes")
      if summary.skippedRows > 0 { print("\(summary.skippedRows) rows refer to what is not there and were left out") }
    } catch {
      throw CommandFailure(error.description)
    }
  }
}

extension ProgressLine {
  /// How long the rest takes, once that can be told.
  ///
  /// - Parameters:
  ///   - share: what is done, 0 to 1.
  ///   - start: what was done at the beginning.
  fileprivate func left(of share: Double, since start: Double) -> String {
    guard share - start > 0.02, seconds > 3 else { return "" }
    let left = seconds * (1 - share) / (share - start)
    return left < 90 ? ", \(Int(left) + 1) s left" : ", \(Int(left / 60) + 1) min left"
  }
}

extension DumpBuild.Progress {
  fileprivate var words: String {
    let percent = Int(share * 100)
    return switch stage {
    case .reading: "reading the archives, \(percent) %"
    case .joining: "tracks and their recordings, \(percent) %"
    case .albums: "\(albums) albums, \(percent) %"
    case .artists: "\(artists) artists, \(percent) %"
    case .writing: "sorting names, and writing what leads to the documents"
    }
  }
}
