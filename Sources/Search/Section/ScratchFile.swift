internal import Core
@preconcurrency internal import Glibc

/// A file without a name: it goes with the process, whatever ends that.
final class ScratchFile {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private(set) var size = 0

  private static let bufferSize = 1 << 18

  init(in folder: String) throws(SourceError) {
    var template = Array("\(folder)/.linernotes-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw ScratchFile.failure("cannot be created in \(folder)") }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func append(_ bytes: UnsafeRawBufferPointer) throws(SourceError) {
    buffer.append(contentsOf: bytes)
    size += bytes.count
    if buffer.count >= ScratchFile.bufferSize { try flush() }
  }

  func flush() throws(SourceError) {
    var offset = 0
    while offset < buffer.count {
      let written = buffer.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw ScratchFile.failure("cannot be written")
      }
      offset += written
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Fills the bytes from a position on.
  /// - Returns: how many were there.
  func read(into bytes: UnsafeMutableRawBufferPointer, from position: Int) throws(SourceError) -> Int {
    var filled = 0
    while filled < bytes.count {
      let count = pread(
        descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled, off_t(position + filled))
      if count < 0 {
        if errno == EINTR { continue }
        throw ScratchFile.failure("cannot be read")
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  private static func failure(_ what: String) -> SourceError {
    let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    return SourceError(.failed, "scratch file: \(what): \(reason)")
  }
}

/// Bytes that are written now and wanted later, in memory as long as they are few.
struct Spool {
  private let folder: String
  private var bytes: [UInt8] = []
  private var file: ScratchFile?

  private static let mostInMemory = 1 << 20

  init(in folder: String) { self.folder = folder }

  mutating func append(_ body: (inout [UInt8]) -> Void) throws(SourceError) {
    body(&bytes)
    guard bytes.count > Spool.mostInMemory else { return }
    if file == nil { file = try ScratchFile(in: folder) }
    guard let file else { return }
    try Spool.write(bytes, to: file)
    bytes.removeAll(keepingCapacity: true)
  }

  private static func write(_ bytes: [UInt8], to file: ScratchFile) throws(SourceError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result<Void, SourceError> { () throws(SourceError) in try file.append(bytes) }
    }
    try result.get()
  }

  /// All of them, in order.
  mutating func forEachChunk(_ body: ([UInt8]) throws(SourceError) -> Void) throws(SourceError) {
    if let file {
      try file.flush()
      var position = 0
      while position < file.size {
        var chunk = [UInt8](repeating: 0, count: min(Spool.mostInMemory, file.size - position))
        let result = chunk.withUnsafeMutableBytes { bytes in
          Result<Int, SourceError> { () throws(SourceError) in try file.read(into: bytes, from: position) }
        }
        guard try result.get() == chunk.count else {
          throw SourceError(.failed, "scratch file: is shorter than what was written to it")
        }
        try body(chunk)
        position += chunk.count
      }
    }
    if !bytes.isEmpty { try body(bytes) }
  }
}
