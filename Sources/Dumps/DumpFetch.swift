internal import Core
@preconcurrency internal import Glibc
public import HTTP

/// Fetches the archives of the latest export of MusicBrainz.
///
/// What has come of an archive is in `NAME.part`, and goes on where it ended while the server has the same file. All three
/// get their names when each is what `SHA256SUMS` says, so that what a directory holds is of one export.
public struct DumpFetch {
  public struct Options: Sendable {
    /// Where the exports are, without a slash at the end.
    public var baseURL: String
    /// A file with the keys of those who may sign, as gpgv reads it; nil: signatures are not looked at.
    public var keyring: String?
    /// How long it waits before it tries again, in milliseconds; twice as long each time.
    public var pauseMilliseconds = 1_000

    public init(baseURL: String, keyring: String? = nil) {
      self.baseURL = baseURL
      self.keyring = keyring
    }
  }

  /// How far it is.
  public struct Progress: Sendable {
    public enum Stage: Sendable {
      /// For what there is.
      case asking
      case downloading, checking
      /// The server does not answer, and is asked again.
      case waiting
    }

    public var stage: Stage
    public var archive: String
    /// Of all archives together, in bytes.
    public var done = 0
    public var total = 0
    /// How much of that came now.
    public var received = 0
  }

  public enum Outcome: Sendable {
    /// The archives of the export of that name are not needed.
    case needless(String)
    case fetched(Summary)
  }

  /// What has become of it.
  public struct Summary: Sendable {
    /// The name of the export, such as `20261125-001734`.
    public var export: String
    /// Of all archives together, in bytes.
    public var total = 0
    /// How much of that came now.
    public var downloaded = 0
    public var isSigned = false
  }

  /// Called now and then; false ends it.
  public typealias Report = (Progress) -> Bool

  private let folder: String
  private let options: Options
  private let downloader: CurlDownloader
  private let report: Report

  /// - Parameter folder: where the archives are to be. It is there.
  public init(into folder: String, _ options: Options, by downloader: CurlDownloader, report: @escaping Report) {
    self.folder = folder
    self.options = options
    self.downloader = downloader
    self.report = report
  }

  /// - Parameter isNeedless: whether the archives of the export of that name are not needed.
  public func run(unless isNeedless: (String) -> Bool = { _ in false }) throws(DumpError) -> Outcome {
    let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else { throw .system("open", folder) }
    defer { close(lock) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw DumpError(.inaccessible, "\(folder): somebody else is fetching into it")
    }
    let name = try latest()
    if isNeedless(name) { return .needless(name) }
    let base = "\(options.baseURL)/\(name)"
    let sums = try text(at: "\(base)/SHA256SUMS")
    let checksums = try Checksums(sums, at: base)
    var summary = Summary(export: name)
    summary.isSigned = try isSigned(sums, at: base)

    var downloads: [ArchiveDownload] = []
    for archive in DumpArchive.allCases {
      if try checksum(of: "\(folder)/\(archive.rawValue)", archive) != checksums[archive] {
        downloads.append(try known(base, archive))
      }
    }
    summary.total = downloads.reduce(0) { $0 + $1.length }
    try checkRoom(for: downloads.reduce(0) { $0 + $1.length - $1.received })
    var done = 0
    for download in downloads {
      summary.downloaded += try fetch(
        download, Progress(stage: .downloading, archive: download.archive.rawValue, done: done, total: summary.total),
        after: summary.downloaded)
      done += download.length
    }
    for download in downloads {
      guard try checksum(of: download.partPath, download.archive) == checksums[download.archive] else {
        download.drop()
        throw DumpError(
          .damaged, "\(download.url): what came is not what SHA256SUMS says, and was removed. Fetch it again")
      }
    }
    for download in downloads { try download.finish() }
    return .fetched(summary)
  }

  /// Removes what ``run(unless:)`` has put into a directory, and the directory if there is nothing else in it.
  public static func remove(from folder: String) {
    for archive in DumpArchive.allCases { unlink("\(folder)/\(archive.rawValue)") }
    rmdir(folder)
  }

  // MARK: - What the server says

  /// The name of the latest export. It is asked for once: in the middle of a download there may be another.
  private func latest() throws(DumpError) -> String {
    let url = "\(options.baseURL)/LATEST"
    let text = try text(at: url)
    let name = text.prefix { !$0.isWhitespace }
    guard !name.isEmpty, name.count <= 40, name.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "-") }) else {
      throw DumpError(.damaged, "\(url) names no export: \(text.prefix(60))")
    }
    return String(name)
  }

  /// A short text.
  private func text(at url: String) throws(DumpError) -> String {
    let text = try optionalText(at: url)
    guard let text else { throw DumpError(.inaccessible, "\(url): 404") }
    return text
  }

  /// A short text; nil where there is none.
  private func optionalText(at url: String) throws(DumpError) -> String? {
    final class Body { var bytes: [UInt8] = [] }
    let body = Body()
    let head = try asking(url) { mayGoOn throws(FetchError) in
      body.bytes = []
      return try downloader.get(url, mayGoOn: mayGoOn) { _, bytes in
        body.bytes.append(contentsOf: bytes)
        return body.bytes.count <= 1 << 16
      }
    }
    if head.status == 404 { return nil }
    guard head.status == 200 else { throw DumpError(.inaccessible, "\(url): \(head.status)") }
    return String(decoding: body.bytes, as: UTF8.self)
  }

  private func known(_ base: String, _ archive: DumpArchive) throws(DumpError) -> ArchiveDownload {
    let url = "\(base)/\(archive.rawValue)"
    let head = try asking(url) { mayGoOn throws(FetchError) in
      try downloader.get(url, isHeadOnly: true, mayGoOn: mayGoOn) { _, _ in true }
    }
    guard head.status == 200 else { throw DumpError(.inaccessible, "\(url): \(head.status)") }
    guard let length = head.length, length > 0 else {
      throw DumpError(.inaccessible, "\(url): the server does not say how large it is")
    }
    return try ArchiveDownload(archive, at: url, length: length, lastModified: head.lastModified, in: folder)
  }

  /// Asks again and again while that is of use.
  ///
  /// - Parameters:
  ///   - isMoving: whether something has come since it was called last.
  ///   - progress: how far it is; nil: nothing is downloaded yet.
  ///   - get: is given what it has to ask whether to go on.
  private func asking(
    _ url: String, isMoving: () -> Bool = { false }, progress: @escaping () -> Progress? = { nil },
    _ get: (() -> Bool) throws(FetchError) -> CurlDownloader.Head
  ) throws(DumpError) -> CurlDownloader.Head {
    var attempt = 0
    var isStopped = false
    while true {
      var pause = options.pauseMilliseconds << attempt
      let reason: String
      do throws(FetchError) {
        let head = try get {
          isStopped = !report(progress() ?? Progress(stage: .asking, archive: DumpFetch.name(of: url)))
          return !isStopped
        }
        guard [429, 500, 502, 503, 504].contains(head.status) else { return head }
        pause = max(pause, min(head.retryAfter ?? 0, 600) * 1_000)
        reason = "\(head.status)"
      } catch {
        switch error {
        case .refused: throw isStopped ? .interrupted : DumpError(.damaged, "\(url): not what was expected")
        case .untrusted, .unsupported: throw DumpError(.inaccessible, "\(url): \(error.words)")
        default: reason = error.words
        }
      }
      attempt = isMoving() ? 1 : attempt + 1
      guard attempt < 6 else { throw DumpError(.inaccessible, "\(url): \(reason)") }
      try wait(pause, url)
    }
  }

  private func wait(_ milliseconds: Int, _ url: String) throws(DumpError) {
    var left = milliseconds
    while left > 0 {
      guard report(Progress(stage: .waiting, archive: DumpFetch.name(of: url))) else { throw .interrupted }
      usleep(UInt32(min(left, 200) * 1_000))
      left -= 200
    }
  }

  private static func name(of url: String) -> String {
    url.lastIndex(of: "/").map { String(url[url.index(after: $0)...]) } ?? url
  }

  // MARK: - Archives

  /// - Parameters:
  ///   - begun: how far it is before this one.
  ///   - earlier: how many bytes came with those before.
  /// - Returns: how many bytes came.
  private func fetch(_ download: ArchiveDownload, _ begun: Progress, after earlier: Int) throws(DumpError) -> Int {
    var last = download.received
    while !download.isWhole {
      let head = try asking(
        download.url,
        isMoving: {
          defer { last = download.received }
          return download.received > last
        },
        progress: {
          var progress = begun
          progress.done += download.received
          progress.received = earlier + download.downloaded
          return progress
        }
      ) { mayGoOn throws(FetchError) in
        try downloader.get(download.url, headers: download.headers, mayGoOn: mayGoOn, receive: download.take)
      }
      if let failure = download.failure { throw failure }
      guard head.status == 200 || head.status == 206, download.isWhole else {
        throw DumpError(
          .inaccessible, "\(download.url): \(head.status), \(download.received) of \(download.length) bytes")
      }
    }
    return download.downloaded
  }

  private func checkRoom(for length: Int) throws(DumpError) {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { throw .system("write to", folder) }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    guard free >= length else {
      throw DumpError(.inaccessible, "\(folder): \(free >> 20) MB are free, \(length >> 20) MB are needed")
    }
  }

  /// In lower-case hexadecimal; nil where there is no file. sha256sum uses what the processor has for it.
  private func checksum(of path: String, _ archive: DumpArchive) throws(DumpError) -> String? {
    guard access(path, F_OK) == 0 else { return nil }
    guard report(Progress(stage: .checking, archive: archive.rawValue)) else { throw .interrupted }
    let process = try PipedProcess(["sha256sum", "--", path])
    var output: [UInt8] = []
    while let bytes = try process.read() { output += bytes }
    // A name that has to be escaped has a backslash before its line.
    let line = output.drop { $0 == UInt8(ascii: "\\") }
    return String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
  }

  /// Whether somebody whose key is in the keyring has signed the checksums.
  private func isSigned(_ sums: String, at base: String) throws(DumpError) -> Bool {
    guard let keyring = options.keyring, PipedProcess.isInstalled("gpgv") else { return false }
    guard let signature = try optionalText(at: "\(base)/SHA256SUMS.asc") else {
      throw DumpError(.damaged, "\(base)/SHA256SUMS is not signed")
    }
    let paths = ["\(folder)/.SHA256SUMS.asc", "\(folder)/.SHA256SUMS"]
    defer { for path in paths { unlink(path) } }
    for (path, text) in zip(paths, [signature, sums]) { try ArchiveDownload.write(text, to: path) }
    do throws(DumpError) {
      let process = try PipedProcess(["gpgv", "--quiet", "--keyring", keyring] + paths)
      while try process.read() != nil {}
      return true
    } catch {
      throw DumpError(.damaged, "\(base)/SHA256SUMS: its signature is by no key of \(keyring)")
    }
  }

  /// What `SHA256SUMS` says.
  private struct Checksums {
    private var sums: [DumpArchive: String] = [:]

    init(_ text: String, at base: String) throws(DumpError) {
      for line in text.split(whereSeparator: \.isNewline) {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].count == 64 else { continue }
        let name = parts[1].drop { $0 == " " || $0 == "*" }
        if let archive = DumpArchive(rawValue: String(name)) { sums[archive] = parts[0].lowercased() }
      }
      for archive in DumpArchive.allCases where sums[archive] == nil {
        throw DumpError(.damaged, "\(base)/SHA256SUMS does not name \(archive.rawValue)")
      }
    }

    subscript(_ archive: DumpArchive) -> String? { sums[archive] }
  }
}

extension FetchError {
  fileprivate var words: String {
    switch self {
    case .timedOut, .notStarted: "no answer"
    case .unreachable: "no connection"
    case .untrusted: "its certificate is not trusted"
    case .tooLarge, .refused: "not what was expected"
    case .truncated: "the connection ended early"
    case .broken(let number): "libcurl's error \(number)"
    case .unsupported: "there is no libcurl"
    }
  }
}
