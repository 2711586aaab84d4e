internal import Glibc

/// Which file is under a path, and how long it is.
struct FileIdentity: Equatable {
  var device: UInt64
  var inode: UInt64
  var size: Int64

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
  }

  func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }

  /// Whether it is the same file, and no part of it has been cut off since `earlier`.
  func continues(_ earlier: FileIdentity) -> Bool {
    isSameFile(as: earlier) && size >= earlier.size
  }
}
