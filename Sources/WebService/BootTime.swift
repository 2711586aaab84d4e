internal import Core
internal import Glibc

/// Time since the machine started, which nobody can set, and which goes on while it sleeps. All processes of a host have
/// the same.
enum BootTime {
  static var milliseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }

  /// Tells this start of this machine from all others.
  static let id: String = {
    let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "unknown" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(file, &bytes, bytes.count)
    let text = String(decoding: bytes[..<max(0, count)].prefix { $0 > 0x20 }, as: UTF8.self)
    return text.isEmpty ? "unknown" : text
  }()
}

extension BootTime {
  /// The moment that the other clock, which stands still while the machine sleeps, gives in nanoseconds; rounded up.
  static func milliseconds(atMonotonic nanoseconds: UInt64) -> Int64 {
    let now = Deadline.monotonicNanoseconds()
    return milliseconds - Int64((now - min(now, nanoseconds)) / 1_000_000)
  }
}
