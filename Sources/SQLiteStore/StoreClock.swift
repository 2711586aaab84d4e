public import Core
internal import Glibc

/// The clocks by which lifetimes are counted. Those of leases and counters are counted from the start of the machine, on
/// a clock that nobody can set and that all its processes share; which start that was is noted beside them.
public struct StoreClock {
  public var wall: () -> UnixTime
  /// Milliseconds since the machine started, the time that it slept included.
  public var sinceBoot: () -> Int64
  /// Tells this start of the machine from all others.
  public var boot: Int64

  public init(wall: @escaping () -> UnixTime, sinceBoot: @escaping () -> Int64, boot: Int64) {
    self.wall = wall
    self.sinceBoot = sinceBoot
    self.boot = boot
  }

  /// The clocks of this machine.
  public static var machine: StoreClock {
    StoreClock(
      wall: { .now },
      sinceBoot: {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
      }, boot: bootID)
  }

  /// For a file that several machines share: they have nothing in common but the wall clock.
  public var shared: StoreClock { StoreClock(wall: wall, sinceBoot: { UnixTime.nowMilliseconds }, boot: 0) }

  private static let bootID: Int64 = {
    let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 1 }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 64)
    let count = read(file, &text, text.count)
    return count > 0 ? Int64(bitPattern: FNV.hash(text.prefix(count)) | 1) : 1
  }()
}
