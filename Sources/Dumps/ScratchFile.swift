@preconcurrency internal import Glibc

/// Files without names: they go with the process.
enum ScratchFile {
  /// - Returns: a descriptor, which is the caller's to close.
  static func create(in folder: String) throws(DumpError) -> Int32 {
    var template = Array("\(folder)/.linernotes-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw .system("create scratch files", folder) }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  /// Writes all of it where the file stands.
  ///
  /// - Returns: whether it could; `errno` tells why not.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      guard count > 0 || (count < 0 && errno == EINTR) else { return false }
      written += max(0, count)
    }
    return true
  }

  /// Fills the buffer from the beginning of the file.
  ///
  /// - Returns: whether there was as much; `errno` tells why not.
  static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    var position = 0
    while position < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + position }, buffer.count - position, off_t(position))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      position += count
    }
    return true
  }
}
