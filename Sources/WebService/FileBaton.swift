internal import Glibc

/// The baton in a locked file, for processes of one host and one user that share no tier. The kernel takes the lock from
/// a process that dies.
final class FileBaton: Baton {
  private let path: String
  private let boot: String
  private var file: Int32 = -1

  /// - Parameter path: of the file, which is made where it does not exist. It must be this user's, and no link.
  init(path: String, boot: String) {
    self.path = path
    self.boot = boot
  }

  deinit { giveBack() }

  func take() -> BatonOutcome {
    giveBack()
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard file >= 0 else { return .unavailable }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
      close(file)
      return .unavailable
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let isBusy = errno == EWOULDBLOCK || errno == EINTR
      close(file)
      return isBusy ? .busy : .unavailable
    }
    self.file = file
    return .held
  }

  func keep() -> Bool { file >= 0 }

  func read() -> BatonMark {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(file, &bytes, bytes.count, 0)
    return count > 0 ? BatonMark(encoded: bytes[..<count], boot: boot) : .unknown
  }

  func write(_ mark: BatonMark) {
    let bytes = mark.encoded(boot: boot)
    // Whoever finds it cut short knows nothing, and waits.
    guard ftruncate(file, 0) == 0 else { return }
    _ = pwrite(file, bytes, bytes.count, 0)
  }

  func giveBack() {
    guard file >= 0 else { return }
    close(file)
    file = -1
  }
}
