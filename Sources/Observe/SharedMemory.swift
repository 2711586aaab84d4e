internal import CLinux
internal import Glibc

/// A mapping that processes share. Owns it, and the descriptor that leads others to it.
///
/// It is a file without a name that the kernel keeps as long as anybody has it. Its size is fixed, so a reader cannot
/// lose a page of it.
final class SharedMemory {
  let base: UnsafeMutableRawPointer
  let size: Int
  /// Closed on exec; -1 where it is not kept.
  let descriptor: Int32

  enum Access {
    case readWrite, readOnly
  }

  /// Makes one, all zeros.
  ///
  /// - Returns: nil where the kernel has no room for it.
  init?(size: Int) {
    let file = linernotes_shared_memory_file()
    guard file >= 0 else { return nil }
    guard ftruncate(file, size) == 0, linernotes_seal_size(file) == 0,
      let base = SharedMemory.map(file, size, .readWrite)
    else {
      close(file)
      return nil
    }
    self.base = base
    self.size = size
    descriptor = file
  }

  /// Maps what another process has made, and closes the descriptor.
  ///
  /// - Returns: nil for what is no such file, or smaller than that.
  init?(taking file: Int32, atLeast least: Int, _ access: Access = .readWrite) {
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size >= least,
      let base = SharedMemory.map(file, Int(status.st_size), access)
    else { return nil }
    self.base = base
    size = Int(status.st_size)
    descriptor = -1
  }

  deinit {
    munmap(base, size)
    if descriptor >= 0 { close(descriptor) }
  }

  private static func map(_ file: Int32, _ size: Int, _ access: Access) -> UnsafeMutableRawPointer? {
    let protection = access == .readOnly ? PROT_READ : PROT_READ | PROT_WRITE
    let base = mmap(nil, size, protection, MAP_SHARED, file, 0)
    // MAP_FAILED
    return base == UnsafeMutableRawPointer(bitPattern: -1) ? nil : base
  }
}
