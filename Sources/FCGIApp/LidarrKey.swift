@preconcurrency internal import Glibc
internal import Lidarr

/// Where Lidarr's API key comes from: never from the command line.
enum LidarrKey {
  /// - Parameter file: comes first; then the environment, then standard input.
  static func read(file: String?, environment: [String: String]) throws(LidarrFailure) -> String {
    if let file { return try contents(of: file) }
    if let key = environment["LIDARR_API_KEY"], !key.isEmpty { return key }
    if let file = environment["LIDARR_API_KEY_FILE"], !file.isEmpty { return try contents(of: file) }
    guard isatty(STDIN_FILENO) == 1 else { return trimmed(readLine() ?? "") }
    fputs("Lidarr's API key (Settings, General): ", stderr)
    var terminal = termios()
    tcgetattr(STDIN_FILENO, &terminal)
    var silent = terminal
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    let line = readLine() ?? ""
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal)
    fputs("\n", stderr)
    return trimmed(line)
  }

  private static func contents(of path: String) throws(LidarrFailure) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = descriptor < 0 ? -1 : Glibc.read(descriptor, &bytes, bytes.count)
    let reason = strerror(errno).map { String(cString: $0) } ?? ""
    if descriptor >= 0 { close(descriptor) }
    guard count >= 0 else { throw LidarrFailure("\(path): the key cannot be read: \(reason)") }
    return trimmed(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
