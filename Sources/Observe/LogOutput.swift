internal import Core
internal import Glibc
internal import Synchronization

/// Where log lines go. Owns what it has opened. One write a line, so that lines of several processes do not mix.
///
/// Whoever takes the lines may hang: no line is waited for longer than a moment.
public final class LogOutput: Sendable {
  public enum Target: Sendable, Equatable {
    case standardError
    case file(path: String)
    /// The socket of the system's log, usually `/dev/log`.
    case systemLog(path: String)
  }

  private struct State {
    var descriptor: Int32 = -1
    /// Which opening of the log this is.
    var generation: UInt64 = 0
    var hasComplained = false
  }

  public let target: Target
  private let state = Mutex(State())

  /// In milliseconds.
  private static let patience: Int32 = 250

  public init(_ target: Target) { self.target = target }

  deinit { state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

  var isSystemLog: Bool {
    if case .systemLog = target { true } else { false }
  }

  /// - Parameter generation: another than the last time when a file is to be opened anew.
  /// - Returns: whether somebody has taken the line.
  func write(_ line: [UInt8], generation: UInt64 = 0) -> Bool {
    state.withLock { state in
      if state.generation != generation {
        if state.descriptor >= 0 { close(state.descriptor) }
        state.descriptor = -1
        state.generation = generation
      }
      return write(line, &state)
    }
  }

  /// Opens the file anew, as after it has been renamed.
  public func reopen() {
    state.withLock { state in
      if state.descriptor >= 0 { close(state.descriptor) }
      state.descriptor = -1
    }
  }

  private func write(_ line: [UInt8], _ state: inout State) -> Bool {
    switch target {
    case .standardError: return LogOutput.write(line, to: STDERR_FILENO)
    case .file(let path):
      if state.descriptor < 0 {
        // For the owner alone: lines may name what clients have asked for.
        state.descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        complain(state.descriptor < 0, "cannot write to \(path): \(String(cString: strerror(errno)))", &state)
      }
      return LogOutput.write(line, to: state.descriptor < 0 ? STDERR_FILENO : state.descriptor)
    case .systemLog(let path):
      // It may have been restarted since.
      for _ in 0..<2 {
        if state.descriptor < 0 { state.descriptor = LogOutput.connect(to: path) }
        guard state.descriptor >= 0 else { break }
        // Without the line's end, which its protocol does not have.
        if send(state.descriptor, line, line.count - 1, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) >= 0 { return true }
        if errno == EAGAIN || errno == ENOBUFS { return false }
        close(state.descriptor)
        state.descriptor = -1
      }
      complain(true, "no system log at \(path): \(String(cString: strerror(errno)))", &state)
      return LogOutput.write(line, to: STDERR_FILENO)
    }
  }

  private func complain(_ isFailing: Bool, _ text: String, _ state: inout State) {
    if isFailing, !state.hasComplained {
      let line = "linernotes: \(LogText.escaped(text)); the log goes to standard error\n"
      _ = LogOutput.write(Array(line.utf8), to: STDERR_FILENO)
    }
    state.hasComplained = isFailing
  }

  private static func connect(to path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return -1 }
    guard UnixSocketAddress(path: path)?.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
      let reason = errno
      close(descriptor)
      errno = reason
      return -1
    }
    return descriptor
  }

  /// A pipe that can be written to takes PIPE_BUF bytes at once (pipe(7)).
  private static func write(_ line: [UInt8], to descriptor: Int32) -> Bool {
    var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while true {
      let ready = poll(&event, 1, patience)
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return false }
      let written = Glibc.write(descriptor, line, line.count)
      if written < 0, errno == EINTR { continue }
      return written == line.count
    }
  }
}
