internal import Core
public import Dataset
internal import Documents
@preconcurrency internal import Glibc
public import Metadata
internal import Search

/// Builds a dataset file from the archives of an export of MusicBrainz.
///
/// The archives are read once, as they come, and nothing of their text is written to the disk. Rows that make up an
/// artist or a release group go into one of many scratch files by its key; what they refer to stays in memory. Then each
/// scratch file is read, and what is in it is put together as the rows of a database are.
public struct DumpBuild {
  public struct Options: Sendable {
    /// How documents are spelled.
    public var catalog: Catalog.Options
    /// How many threads decompress, and put documents together.
    public var threads: Int
    /// How much memory it may take, in bytes. Somewhat more is taken for moments.
    public var memory: Int

    public init(catalog: Catalog.Options, threads: Int, memory: Int = Options.usualMemory) {
      self.catalog = catalog
      self.threads = max(1, threads)
      self.memory = memory
    }

    /// Enough for all of MusicBrainz.
    public static let usualMemory = 2 << 30

    /// How much of names may be sorted in memory.
    fileprivate var nameMemory: Int { memory / 8 }
  }

  /// How far it is.
  public struct Progress: Sendable {
    public enum Stage: String, Sendable {
      case reading, joining, albums, artists, writing
    }

    public var stage: Stage
    /// 0 to 1, of the stage.
    public var share: Double
    public var artists = 0
    public var albums = 0

    /// 0 to 1, of all the time that a build takes, as far as can be told.
    public var whole: Double {
      let (before, length) =
        switch stage {
        case .reading: (0.0, 0.58)
        case .joining: (0.58, 0.07)
        case .albums: (0.65, 0.21)
        case .artists: (0.86, 0.07)
        case .writing: (0.93, 0.07)
        }
      return before + length * min(1, max(0, share))
    }
  }

  /// What has become of it.
  public struct Summary: Sendable {
    public var artists = 0
    public var albums = 0
    public var series = 0
    /// Rows that refer to what is not there, which the database's answers leave out as well.
    public var skippedRows = 0
    /// Of the scratch files at most at a time, and of the file, in bytes.
    public var scratch = 0
    public var length: UInt64 = 0
    public var vintage: String?
  }

  /// The names of the archives that it reads.
  public static var archives: [String] { DumpArchive.allCases.map(\.rawValue) }

  /// Called now and then; false ends it.
  public typealias Report = (Progress) -> Bool

  private let folder: String
  private let options: Options
  private let report: Report

  /// - Parameter folder: where the archives are.
  public init(folder: String, _ options: Options, report: @escaping Report) {
    self.folder = folder
    self.options = options
    self.report = report
  }

  /// - Parameters:
  ///   - path: the file; scratch files go beside it.
  ///   - program: the version that writes it, and the settings that shape it.
  ///   - export: what MusicBrainz calls the export; nil: nobody said.
  public func run(
    to path: String, program: String, settings: [DatasetInfo.Setting], export: String? = nil
  ) throws(DumpError) -> Summary {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let scratch = ScratchFolder(directory.isEmpty ? "/" : directory)
    // Nobody else builds this file for as long as there is a writer.
    let writer = try DumpError.writing { () throws(DatasetError) in try DatasetWriter(path: path) }
    let reader = DumpReader(folder: folder, threads: options.threads, report: report)
    try reader.checkMemory(options.memory)
    // Not only when it is needed, which is late.
    try DumpError.writing { () throws(DatasetError) in try DatasetSqueezer.checkLibrary() }
    let kept = KeptReading(path: path + ".parts", origin: "\(program) \(try reader.identity())")
    var rows = kept.rows(in: scratch)
    let wasKept = rows != nil
    do throws(DumpError) {
      if rows == nil {
        try kept.makeRoom()
        rows = try reader.read(scratch: scratch)
      }
      // Nobody else keeps the rows, so that what is done with is gone.
      guard let read = rows.take() else { throw .interrupted }
      if !wasKept { try kept.keep(read, in: scratch) }
      let summary = try build(read, writer, in: scratch, program, settings, export)
      kept.remove()
      return summary
    } catch {
      // A full disk, for example, may be mended. What fails again might fail for ever.
      guard error.code == .interrupted || (error.code == .inaccessible && !wasKept), kept.isThere else {
        if kept.isThere { kept.remove() }
        throw error
      }
      throw DumpError(error.code, "\(error.description); the next build goes on with what is in \(kept.path)")
    }
  }

  private func build(
    _ rows: consuming DumpRows, _ writer: DatasetWriter, in scratch: ScratchFolder, _ program: String,
    _ settings: [DatasetInfo.Setting], _ export: String?
  ) throws(DumpError) -> Summary {
    let names = Names(in: scratch.path, options)
    var assembly = DumpAssembly(rows, writer: writer, names: names.writer, options, report: report)
    try assembly.addAlbums()
    try assembly.addArtists()
    try assembly.addSeries()
    guard
      report(Progress(stage: .writing, share: 0, artists: assembly.summary.artists, albums: assembly.summary.albums))
    else { throw .interrupted }
    var summary = assembly.summary
    summary.vintage = assembly.vintage
    summary.length = try DumpError.writing { () throws(DatasetError) in
      try writer.finish(
        DatasetInfo(
          created: assembly.created, program: program, settings: settings, vintage: assembly.vintage, export: export,
          isComplete: true),
        names: names.contents, links: assembly.links)
    }
    summary.skippedRows = assembly.skipped
    summary.scratch = scratch.most
    return summary
  }

  /// What artists and albums are called, until there is a section for it.
  private final class Names {
    let writer: NameSectionWriter
    private let outlet = Outlet()

    private final class Outlet {
      var append: (([UInt8]) throws(SourceError) -> Void)?
    }

    init(in folder: String, _ options: Options) {
      writer = NameSectionWriter(
        scratch: folder, memory: options.nameMemory, excluded: options.catalog.albumlessArtists
      ) { [outlet] bytes throws(SourceError) in
        try outlet.append?(bytes)
      }
    }

    var contents: DatasetWriter.SectionContents {
      { [self] append throws(SourceError) in
        outlet.append = append
        defer { outlet.append = nil }
        let summary = try writer.finish()
        return summary.artists + summary.albums
      }
    }
  }
}
