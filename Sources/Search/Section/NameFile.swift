public import Core
@preconcurrency internal import Glibc

/// A file that is one section of names, mapped into memory; for measuring search without the rest of a dataset.
public final class NameFile {
  private let bytes: UnsafeRawBufferPointer

  public init(_ path: String) throws(SourceError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw NameFile.failure("cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0,
      let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED
    else { throw NameFile.failure("cannot be mapped") }
    bytes = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  public func section() throws(SourceError) -> NameSection { try NameSection(bytes, owner: self) }

  /// Writes a file piece by piece.
  public static func create(_ path: String) throws(SourceError) -> ([UInt8]) throws(SourceError) -> Void {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot be created") }
    return { piece throws(SourceError) in
      var offset = 0
      while offset < piece.count {
        let written = piece.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset) }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { throw failure("cannot be written") }
        offset += written
      }
    }
  }

  private static func failure(_ what: String) -> SourceError {
    SourceError(.failed, "names: the file \(what): \(strerror(errno).map { String(cString: $0) } ?? "error \(errno)")")
  }
}
