internal import ArgumentParser
internal import Core
internal import Dumps
@preconcurrency internal import Glibc
internal import HTTP
internal import Pool
internal import Settings

/// `linernotes dataset fetch DIR`: the archives of MusicBrainz' latest export.
struct DatasetFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Fetch the archives of MusicBrainz' latest export, about 7 GB.",
    discussion: """
      They come from MUSICBRAINZ__EXPORT_URL over one connection, and are compared with the checksums there. With \
      MUSICBRAINZ__KEYRING and gpgv installed, so is the signature of these. Interrupted, it goes on where it ended; \
      archives that are there already are not fetched again.
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("Where to put them.", valueName: "directory"))
  var folder: String

  func run() throws {
    let outcome = try DatasetFetch.fetch(into: folder, try Application.loadSettings(common), StopSignal())
    if case .fetched(let summary) = outcome, summary.downloaded == 0 {
      print("\(folder): export \(summary.export) is there already")
    }
  }

  /// - Parameter isNeedless: whether the archives of the export of that name are not needed.
  static func fetch(
    into folder: String, _ settings: Settings, _ stop: StopSignal, unless isNeedless: (String) -> Bool = { _ in false }
  ) throws -> DumpFetch.Outcome {
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw CommandFailure("\(folder): cannot be created: \(String(cString: strerror(errno)))")
    }
    var line = ProgressLine()
    do throws(DumpError) {
      let fetch = DumpFetch(
        into: folder, .init(baseURL: settings.musicBrainz.exportURL, keyring: settings.musicBrainz.keyring),
        by: try downloader(settings)
      ) { progress in
        line.show(progress.words(at: line.rate(of: progress.received)))
        return !stop.isPending
      }
      let outcome = try fetch.run(unless: isNeedless)
      switch outcome {
      case .needless: rmdir(folder)
      case .fetched(let summary) where summary.downloaded > 0:
        let signature = summary.isSigned ? "checksums and signature are right" : "checksums are right"
        line.end("\(folder): export \(summary.export), \(summary.downloaded >> 20) MB came; \(signature)")
      case .fetched: break
      }
      return outcome
    } catch {
      throw CommandFailure(error.code == .interrupted ? "interrupted; what has come is kept" : error.description)
    }
  }

  private static func downloader(_ settings: Settings) throws(DumpError) -> CurlDownloader {
    let contact = settings.musicBrainz.contact.map { " ( \($0) )" } ?? ""
    do throws(LibraryFailure) {
      return try CurlDownloader(userAgent: "Linernotes/\(Version.current)\(contact)")
    } catch {
      throw DumpError(.inaccessible, error.description)
    }
  }
}

extension DumpFetch.Progress {
  /// - Parameter rate: bytes a second.
  fileprivate func words(at rate: Int) -> String {
    switch stage {
    case .asking: return "asking for \(archive)"
    case .waiting: return "\(archive): no answer, trying again"
    case .checking: return "checking \(archive)"
    case .downloading:
      let left = rate > 0 ? ", \((total - done) / rate / 60 + 1) min left" : ""
      return "\(archive): \(done >> 20) of \(total >> 20) MB, \(rate >> 20) MB/s\(left)"
    }
  }
}
