internal import Glibc

/// Where the store is.
public enum StoreLocation: Equatable, Sendable {
  /// An absolute path.
  case file(String)
  /// Only in the memory of each process.
  case memory

  static let fileName = "linernotes.db"

  /// - Parameters:
  ///   - url: `sqlite:///path` with an absolute path, also spelled `sqlite:////path` as SQLAlchemy does;
  ///     `sqlite:///name.db` in the directory where it would be without a URL; `sqlite:///./path` below the working
  ///     directory; `sqlite:///:memory:`. Without one systemd's and the XDG directories count, then the home directory.
  ///   - home: that of the password database. CGI has no HOME, or a web server's.
  /// - Returns: nil when there is no directory to keep it in.
  public static func of(
    url: String?, environment: [String: String], home: () -> String?, workingDirectory: () -> String?
  ) -> StoreLocation? {
    func inDirectory(_ name: String) -> StoreLocation? {
      // systemd separates several by colons.
      if let own = environment["STATE_DIRECTORY"]?.split(separator: ":").first, own.hasPrefix("/") {
        return .file("\(own)/\(name)")
      }
      if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return .file("\(state)/linernotes/\(name)") }
      guard let home = home(), home.hasPrefix("/") else { return nil }
      return .file("\(home == "/" ? "" : home)/.local/state/linernotes/\(name)")
    }
    guard let url, url.hasPrefix(prefix) else { return inDirectory(fileName) }
    let path = url.dropFirst(prefix.utf8.count)
    if path == ":memory:" { return .memory }
    if path.hasPrefix("/") { return .file("/" + path.drop { $0 == "/" }) }
    if path.hasPrefix("./") || path.hasPrefix("../") {
      return workingDirectory().map { .file("\($0)/\(path)") }
    }
    return path.contains("/") ? .file("/\(path)") : inDirectory(String(path))
  }

  private static let prefix = "sqlite:///"

  /// Whether a file, or one in its place, lies in a directory or below it. Real paths are compared: a link may lead there,
  /// and the directory itself may be one.
  public static func isInside(_ path: String, _ root: String) -> Bool {
    guard !root.isEmpty, let root = realPath(root) else { return false }
    // What has yet to be made will be in the nearest directory that is there.
    var directory = StoreFile.directory(of: path)
    while realPath(directory) == nil, directory != "/" { directory = StoreFile.directory(of: directory) }
    guard let directory = realPath(directory) else { return false }
    return root == "/" || directory == root || directory.hasPrefix(root + "/")
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
