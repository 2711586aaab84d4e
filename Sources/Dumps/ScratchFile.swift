internal import Documents
@preconcurrency internal import Glibc
internal import Synchronization

/// Where scratch files are, and how much of the disk they take.
final class ScratchFolder: Sendable {
  let path: String
  private let bytes = Mutex((now: 0, most: 0))

  init(_ path: String) {
    self.path = path
    // There are hundreds of files, and many systems begin with a limit of 1,024.
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = min(limit.rlim_max, 1 << 16)
    setrlimit(files, &limit)
  }

  /// What all files together have taken at most.
  var most: Int { bytes.withLock { $0.most } }

  fileprivate func add(_ count: Int) {
    bytes.withLock { bytes in
      bytes.now += count
      bytes.most = max(bytes.most, bytes.now)
    }
  }
}

/// A file without a name, which goes with the process: what is too much for the memory until it is wanted.
///
/// It is written by one thread, then read by any; nobody does both at once.
final class ScratchFile {
  let folder: ScratchFolder
  private let descriptor: Int32
  private(set) var size = 0
  private(set) var checksum: UInt32 = 0
  /// Whether it has a name now.
  private var isKept = false

  /// Creates it, empty.
  init(in folder: ScratchFolder) throws(DumpError) {
    self.folder = folder
    descriptor = try ScratchFile.create(in: folder.path)
  }

  /// Opens one that was kept. What was written to it afterwards is cut off.
  init(keptAt path: String, size: Int, checksum: UInt32, in folder: ScratchFolder) throws(DumpError) {
    self.folder = folder
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .system("be read", path) }
    self.size = size
    self.checksum = checksum
    isKept = true
    folder.add(size)
    guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, 0, SEEK_END) == size else {
      throw .system("be written", path)
    }
  }

  /// Creates it with these rows.
  convenience init<Row: BitwiseCopyable>(_ rows: [Row], in folder: ScratchFolder) throws(DumpError) {
    try self.init(in: folder)
    try append(rows: rows)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    folder.add(-size)
  }

  /// O_TMPFILE, which Swift does not import.
  private static let withoutName: Int32 = 0o20000000 | O_DIRECTORY

  /// One that can be given a name later, where the file system has such.
  private static func create(in path: String) throws(DumpError) -> Int32 {
    var descriptor = open(path, ScratchFile.withoutName | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor < 0 else { return descriptor }
    var template = Array("\(path)/.linernotes-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw .system("create scratch files", path) }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  /// Gives it a name, by which it outlives the process.
  ///
  /// - Returns: false where the file system cannot do that.
  func keep(as path: String) -> Bool {
    guard linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 else { return false }
    isKept = true
    return true
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DumpError) {
    var written = 0
    while written < bytes.count {
      let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      guard count > 0 || (count < 0 && errno == EINTR) else { throw .system("write scratch files", folder.path) }
      written += max(0, count)
    }
    checksum = CRC32.of(bytes, after: checksum)
    size += bytes.count
    folder.add(bytes.count)
  }

  func append<Row: BitwiseCopyable>(rows: [Row]) throws(DumpError) {
    try rows.withBytes { bytes throws(DumpError) in try append(bytes) }
  }

  /// All that has been written, as rows of this kind.
  func rows<Row: BitwiseCopyable>(of type: Row.Type = Row.self) throws(DumpError) -> [Row] {
    var failed = false
    let count = size / MemoryLayout<Row>.stride
    let rows = [Row](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(count * MemoryLayout<Row>.stride)])
      failed = !read(into: bytes) || CRC32.of(UnsafeRawBufferPointer(bytes)) != checksum
      initialized = failed ? 0 : count
    }
    guard !failed else {
      throw DumpError(.damaged, "\(folder.path): a scratch file does not hold what was written to it")
    }
    return rows
  }

  /// A short text that was kept; nil where there is none.
  static func text(at path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size < 1 << 20 else { return nil }
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer) -> Bool {
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

  /// Gives its place on the disk back, unless another run may want it. It is not read again.
  func discard() {
    guard !isKept, ftruncate(descriptor, 0) == 0 else { return }
    folder.add(-size)
    size = 0
    checksum = 0
  }
}
