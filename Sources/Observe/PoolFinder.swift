internal import Glibc

/// Finds the pools that run on this machine: a master keeps the descriptor of its scoreboard, and `/proc` leads to it.
/// There is no file that could be left behind by a pool that is gone.
public enum PoolFinder {
  public struct Pool {
    public let pid: Int32
    public let board: Scoreboard
  }

  public struct Found {
    public var pools: [Pool] = []
    /// Pools whose scoreboard cannot be read.
    public var failures: [(pid: Int32, reason: ScoreboardError)] = []
    /// Whether there are processes that this one may not look at.
    public var isIncomplete = false
  }

  /// What the kernel calls a scoreboard.
  private static let name = "/memfd:linernotes-pool"

  public static func pools() -> Found {
    var found = Found()
    for pid in entries(of: "/proc").compactMap({ Int32($0) }).sorted() {
      let folder = "/proc/\(pid)/fd"
      guard access(folder, R_OK | X_OK) == 0 else {
        if errno == EACCES { found.isIncomplete = true }
        continue
      }
      // A worker that is just starting has it as well.
      for entry in entries(of: folder) where target(of: "\(folder)/\(entry)")?.hasPrefix(name) ?? false {
        guard let memory = open("\(folder)/\(entry)", pid: pid) else { continue }
        do throws(ScoreboardError) {
          let board = try Scoreboard(memory)
          if board.masterPID == pid { found.pools.append(Pool(pid: pid, board: board)) }
        } catch {
          found.failures.append((pid, error))
        }
        break
      }
    }
    return found
  }

  private static func open(_ path: String, pid: Int32) -> SharedMemory? {
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    return SharedMemory(taking: file, atLeast: ScoreboardLayout.Header.words * 8, .readOnly)
  }

  private static func target(of link: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { space in
      guard let base = space.baseAddress, case let length = readlink(link, base, space.count), length > 0 else {
        return nil
      }
      return String(
        decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(space)[..<length]), as: UTF8.self)
    }
  }

  private static func entries(of folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
