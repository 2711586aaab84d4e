internal import Core
internal import Glibc

/// The unix socket that the web server connects to. Owns the descriptor and, as long as nobody else has taken over
/// the name, the file.
public final class ListenSocket {
  /// Closed on exec: only a worker gets it, as its standard input.
  public let descriptor: Int32
  private let path: String
  private let inode: ino_t

  private static let backlog: Int32 = 1024

  /// Where a spawner leaves the listening socket (`FCGI_LISTENSOCK_FILENO`).
  public static let inherited: Int32 = STDIN_FILENO

  /// Whether this process was started with a listening socket as its standard input.
  public static var isInherited: Bool {
    var isListening: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(inherited, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 && isListening != 0
  }

  /// Listens on a new socket and puts it in the place of the socket that bears the name, in one step: with a predecessor
  /// that is still running no connection is refused.
  ///
  /// - Throws: also when something else bears the name.
  public init(path: String, mode: UInt32) throws(ListenError) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw ListenError(path: path, reason: ListenSocket.lastError) }
    let temporary = "\(path).\(getpid())"
    do throws(ListenError) {
      guard ListenSocket.mayReplace(path) else {
        throw ListenError(path: path, reason: "a file of that name is no socket")
      }
      try ListenSocket.bind(descriptor, to: temporary)
      guard chmod(temporary, mode) == 0, listen(descriptor, ListenSocket.backlog) == 0,
        rename(temporary, path) == 0
      else { throw ListenError(path: path, reason: ListenSocket.lastError) }
    } catch {
      unlink(temporary)
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    self.path = path
    inode = ListenSocket.inode(of: path)
  }

  deinit {
    close(descriptor)
    // A successor may have put its own in the place.
    if ListenSocket.inode(of: path) == inode { unlink(path) }
  }

  private static func bind(_ descriptor: Int32, to path: String) throws(ListenError) {
    guard let address = UnixSocketAddress(path: path) else {
      throw ListenError(
        path: path,
        reason: "longer than the \(UnixSocketAddress.longestPath) bytes that a unix socket's name may have")
    }
    unlink(path)
    let status = address.withPointer { Glibc.bind(descriptor, $0, $1) }
    guard status == 0 else { throw ListenError(path: path, reason: lastError) }
  }

  private static func mayReplace(_ path: String) -> Bool {
    var information = stat()
    return lstat(path, &information) != 0 || information.st_mode & S_IFMT == S_IFSOCK
  }

  private static func inode(of path: String) -> ino_t {
    var information = stat()
    return lstat(path, &information) == 0 ? information.st_ino : 0
  }

  private static var lastError: String { String(cString: strerror(errno)) }
}

public struct ListenError: Error, CustomStringConvertible {
  public var path: String
  public var reason: String

  public var description: String { "cannot listen on \(path): \(reason)" }
}
