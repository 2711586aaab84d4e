@preconcurrency internal import Glibc

/// What another program writes to its standard output.
final class PipedProcess {
  private let descriptor: Int32
  private let child: pid_t
  private let name: String
  private var isOver = false

  private static let readSize = 1 << 20

  /// - Parameter arguments: the first is the program, looked for in PATH.
  init(_ arguments: [String]) throws(DumpError) {
    name = arguments.joined(separator: " ")
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .system("start", name) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals are blocked here, so that none interrupts a write. A program that is to be ended must hear of it.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var child = pid_t()
    let status = posix_spawnp(&child, arguments[0], &actions, &attributes, &pointers, environ)
    close(ends[1])
    guard status == 0 else {
      close(ends[0])
      throw DumpError(.inaccessible, "\(name): \(String(cString: strerror(status)))")
    }
    self.child = child
    descriptor = ends[0]
  }

  deinit {
    close(descriptor)
    guard !isOver else { return }
    kill(child, SIGTERM)
    _ = wait()
  }

  /// Whether there is a program of that name.
  static func isInstalled(_ program: String) -> Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  /// The next bytes; nil at the end.
  ///
  /// - Throws: when the program ended with an error.
  func read() throws(DumpError) -> [UInt8]? {
    while true {
      var length = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: PipedProcess.readSize) { buffer, count in
        length = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        count = max(0, length)
      }
      if length < 0, errno == EINTR { continue }
      guard length >= 0 else { throw .system("read", name) }
      if length > 0 { return bytes }
      isOver = true
      guard wait() == 0 else {
        throw DumpError(.damaged, "\(name) ended with an error: the file is damaged or not whole")
      }
      return nil
    }
  }

  private func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return -1 }
    }
    return status
  }
}
