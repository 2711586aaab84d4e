internal import Core
@preconcurrency internal import Glibc
internal import HTTP

/// The metadata server that Lidarr had before, in a file for the owner alone: two JSON strings, a line each. The first
/// is what was there before, as Lidarr wrote it, the second is what was put in its place.
///
/// `deploy/lidarr/switch` reads and writes the same file.
public struct SavedSource {
  public let path: String

  /// The name of the file for a Lidarr, in the directory of the server's state.
  public static func name(_ lidarr: BaseURL) -> String { "lidarr-\(URLText.encoded(lidarr.text)).saved" }

  public init(path: String) { self.path = path }

  struct Entry: Equatable {
    /// JSON.
    var before: [UInt8]
    /// JSON.
    var since: [UInt8]
  }

  func read() throws(LidarrFailure) -> Entry? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT || errno == ENOTDIR { return nil }
    guard descriptor >= 0 else { throw failure("cannot be read") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: SavedSource.largest + 1)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw failure("cannot be read") }
    let lines = bytes[..<count].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard count <= SavedSource.largest, lines.count == 3, lines[2].isEmpty,
      lines[..<2].allSatisfy({ JSONValue($0)?.text != nil })
    else {
      throw LidarrFailure("\(path): is not what this command saves; look into it, and remove it")
    }
    return Entry(before: Array(lines[0]), since: Array(lines[1]))
  }

  /// Replaces what is saved, and makes the directory where there is none.
  func write(_ entry: Entry) throws(LidarrFailure) {
    makeDirectory()
    let temporary = "\(path).\(getpid())"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot be written") }
    let bytes = entry.before + [UInt8(ascii: "\n")] + entry.since + [UInt8(ascii: "\n")]
    let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten, rename(temporary, path) == 0 else {
      let failure = failure("cannot be written")
      unlink(temporary)
      throw failure
    }
  }

  func remove() { unlink(path) }

  private static let largest = 1 << 16

  private func makeDirectory() {
    var made = ""
    for part in path.split(separator: "/").dropLast() {
      made += "/\(part)"
      mkdir(made, 0o700)
    }
  }

  private func failure(_ what: String) -> LidarrFailure {
    let reason = strerror(errno).map { String(cString: $0) } ?? ""
    return LidarrFailure(
      "\(path): \(what) (\(reason)), and nothing is changed without it; set STATE_DIRECTORY to another directory")
  }
}
