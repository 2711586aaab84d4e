internal import Glibc

/// Which file is under a path, and how long it is.
public struct FileIdentity: Equatable, Sendable {
  public var device: UInt64
  public var inode: UInt64
  public var size: Int64

  /// nil where there is none.
  public init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
  }

  public func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }

  /// Whether it is the same file, and no part of it has been cut off since `earlier`.
  public func continues(_ earlier: FileIdentity) -> Bool {
    isSameFile(as: earlier) && size >= earlier.size
  }
}
