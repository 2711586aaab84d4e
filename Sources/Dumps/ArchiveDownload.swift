@preconcurrency internal import Glibc
internal import HTTP

/// One archive as it comes: `NAME.part`, and in `NAME.part.from` which file of the server that is a part of.
final class ArchiveDownload {
  let archive: DumpArchive
  let url: String
  let length: Int
  let partPath: String
  /// How many bytes are there.
  private(set) var received: Int
  /// How many bytes came since this was made.
  private(set) var downloaded = 0
  /// Why no more is taken.
  private(set) var failure: DumpError?
  private let lastModified: String?
  private let folder: String
  private let descriptor: Int32
  private var hasBegun = false

  /// Goes on with what is there, if it is of the same file.
  init(
    _ archive: DumpArchive, at url: String, length: Int, lastModified: String?, in folder: String
  ) throws(DumpError) {
    self.archive = archive
    self.url = url
    self.length = length
    self.lastModified = lastModified
    self.folder = folder
    partPath = "\(folder)/\(archive.rawValue).part"
    let from = "\(url)\n\(lastModified ?? "")\n\(length)\n"
    descriptor = open(partPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .system("write", partPath) }
    var status = stat()
    let isSame = lastModified != nil && ArchiveDownload.read("\(partPath).from") == from
    if isSame, fstat(descriptor, &status) == 0, Int(status.st_size) <= length {
      received = Int(status.st_size)
    } else {
      received = 0
      guard ftruncate(descriptor, 0) == 0 else { throw .system("write", partPath) }
      try ArchiveDownload.write(from, to: "\(partPath).from")
    }
  }

  deinit { close(descriptor) }

  var isWhole: Bool { received == length }

  /// Of the next request. The server sends all of it if it has another file by now.
  var headers: [String] {
    hasBegun = false
    guard received > 0, let lastModified else { return [] }
    return ["Range: bytes=\(received)-", "If-Range: \(lastModified)"]
  }

  /// Takes the next bytes.
  func take(_ head: CurlDownloader.Head, _ bytes: UnsafeRawBufferPointer) -> Bool {
    // What an error says is of no use.
    guard head.status == 200 || head.status == 206 else { return true }
    if !hasBegun {
      guard begin(head) else { return false }
      hasBegun = true
    }
    guard received + bytes.count <= length else { return fail("more came than the server had said") }
    var written = 0
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written, off_t(received + written))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        failure = .system("write", partPath)
        return false
      }
      written += count
    }
    received += written
    downloaded += written
    return true
  }

  private func begin(_ head: CurlDownloader.Head) -> Bool {
    guard head.lastModified == lastModified else { return fail("it changed while it was fetched") }
    if head.status == 206 {
      guard head.contentRange?.hasPrefix("bytes \(received)-") == true,
        head.contentRange?.hasSuffix("/\(length)") == true
      else { return fail("the server sends another part than it was asked for") }
    } else {
      guard head.length == nil || head.length == length else { return fail("it changed while it was fetched") }
      received = 0
      guard ftruncate(descriptor, 0) == 0 else {
        failure = .system("write", partPath)
        return false
      }
    }
    return true
  }

  private func fail(_ reason: String) -> Bool {
    failure = DumpError(.damaged, "\(url): \(reason). Fetch it again")
    return false
  }

  /// Gives it its name.
  func finish() throws(DumpError) {
    guard fsync(descriptor) == 0, rename(partPath, "\(folder)/\(archive.rawValue)") == 0 else {
      throw .system("write", partPath)
    }
    unlink("\(partPath).from")
  }

  func drop() {
    unlink(partPath)
    unlink("\(partPath).from")
  }

  /// nil where there is nothing to read.
  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 8_192)
    let count = Glibc.read(file, &bytes, bytes.count)
    return count >= 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }

  static func write(_ text: String, to path: String) throws(DumpError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw .system("write", path) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw .system("write", path) }
  }
}
