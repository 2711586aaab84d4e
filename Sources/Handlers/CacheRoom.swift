internal import Core
internal import Glibc

/// Whether the file system that holds the web server's cache has room for more.
///
/// nginx writes an answer that it may keep to its cache before it sends it, and closes the connection without a byte if
/// that fails. None of its directives changes that. So an answer may be kept only while there is room.
struct CacheRoom {
  /// More than all workers together can answer with until the next look.
  static let leastBytes: UInt64 = 64 << 20
  /// How long a look is believed: a system call for every answer would be too many.
  static let lookNanoseconds: UInt64 = 100_000_000

  /// The bytes that are free where the path is; nil if that cannot be told.
  typealias Look = (_ path: String) -> UInt64?

  private let look: Look
  private let clock: () -> UInt64
  private var path = ""
  private var lookedAt: UInt64?
  private var hasRoom = true

  init(look: @escaping Look = CacheRoom.freeBytes, clock: @escaping () -> UInt64 = Deadline.monotonicNanoseconds) {
    self.look = look
    self.clock = clock
  }

  /// Whether an answer may be kept there. Where nothing can be told, as in a container of its own, it may.
  mutating func isLeft(at path: String) -> Bool {
    let now = clock()
    if let lookedAt, now - lookedAt < CacheRoom.lookNanoseconds, path == self.path { return hasRoom }
    hasRoom = look(path).map { $0 >= CacheRoom.leastBytes } ?? true
    self.path = path
    lookedAt = now
    return hasRoom
  }

  private static func freeBytes(_ path: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    // Some file systems do not count files. Whether it may be written to says nothing: the pool's service sees it through a
    // mount of its own, which is read-only.
    let lacksFiles = status.f_files > 0 && status.f_favail == 0
    return lacksFiles ? 0 : UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
