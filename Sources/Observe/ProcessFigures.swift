internal import Glibc

/// What the kernel tells of a process of the same user, in `/proc`.
public struct ProcessFigures: Sendable {
  /// User and system, in microseconds.
  public var cpu: UInt64 = 0
  /// In bytes.
  public var virtualMemory: UInt64 = 0
  public var residentMemory: UInt64 = 0
  /// Its part of the memory that it shares with others, and all that it does not.
  public var proportionalMemory: UInt64 = 0
  /// What no other process has.
  public var privateMemory: UInt64 = 0
  public var descriptors: UInt64 = 0

  /// - Returns: nil when there is no such process any more.
  public init?(pid: Int32) {
    guard let line = ProcessFigures.text("/proc/\(pid)/stat", limit: 4_096),
      let name = line.lastIndex(of: ")")
    else { return nil }
    // From the third field of proc(5) on: the name may hold blanks and brackets.
    let fields = line[line.index(after: name)...].split(separator: " ")
    guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
      let virtual = UInt64(fields[20]), let resident = UInt64(fields[21])
    else { return nil }
    let ticks = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    cpu = (user &+ system) &* (1_000_000 / ticks)
    virtualMemory = virtual
    residentMemory = resident &* ProcessFigures.pageSize
    readMemory(pid)
    descriptors = ProcessFigures.countDescriptors(pid)
  }

  private mutating func readMemory(_ pid: Int32) {
    proportionalMemory = residentMemory
    privateMemory = ProcessFigures.quickPrivateMemory(pid) ?? residentMemory
    guard let text = ProcessFigures.text("/proc/\(pid)/smaps_rollup", limit: 4_096) else { return }
    func kilobytes(_ name: String) -> UInt64? {
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
      return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
    }
    if let proportional = kilobytes("Pss:") { proportionalMemory = proportional << 10 }
    if let clean = kilobytes("Private_Clean:"), let dirty = kilobytes("Private_Dirty:") {
      privateMemory = (clean + dirty) << 10
    }
  }

  /// What no other process has, at the cost of a small file; nil when there is no such process.
  public static func quickPrivateMemory(_ pid: Int32) -> UInt64? {
    guard let fields = text("/proc/\(pid)/statm", limit: 256)?.split(separator: " "), fields.count > 2,
      let resident = UInt64(fields[1]), let shared = UInt64(fields[2])
    else { return nil }
    return (resident > shared ? resident - shared : 0) * pageSize
  }

  private static var pageSize: UInt64 { UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))) }

  private static func countDescriptors(_ pid: Int32) -> UInt64 {
    guard let folder = opendir("/proc/\(pid)/fd") else { return 0 }
    defer { closedir(folder) }
    var count: UInt64 = 0
    while readdir(folder) != nil { count += 1 }
    // "." and ".."
    return count > 2 ? count - 2 : 0
  }

  static func text(_ path: String, limit: Int) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: limit)
    var filled = 0
    while filled < limit {
      let count = bytes.withUnsafeMutableBytes { space in
        read(file, space.baseAddress?.advanced(by: filled), limit - filled)
      }
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      filled += count
    }
    return String(decoding: bytes[..<filled], as: UTF8.self)
  }
}
