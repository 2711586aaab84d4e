public import Core
internal import Glibc

/// What all workers of a pool are doing, in memory that they share. The master makes it; each worker writes a part of its
/// own, without locks and without system calls, and anybody of the same user may read all of it.
///
/// Nothing in it is trusted: a worker that has gone wrong may have written anything.
public final class Scoreboard {
  typealias Layout = ScoreboardLayout
  typealias Header = ScoreboardLayout.Header

  let memory: SharedMemory
  let words: Words
  let header: Words
  /// How many workers there is room for.
  public let slots: Int

  /// Where a worker finds it.
  public static let workerDescriptor: Int32 = 3
  /// The variable that tells a worker which part is its own. An executable of an earlier version does not read it, and
  /// so still starts.
  public static let variable = "LINERNOTES_SCOREBOARD_SLOT"

  /// Makes one.
  ///
  /// - Parameters:
  ///   - slots: the most workers at a time, retired ones included.
  ///   - socket: where the pool listens.
  ///   - program: the program's version.
  /// - Returns: nil where there is no memory for it.
  public init?(slots: Int, socket: String, program: String) {
    let count = Layout.words(slots: slots + 1)
    guard let memory = SharedMemory(size: count * 8) else { return nil }
    self.memory = memory
    self.slots = slots
    words = Words(memory.base, count: count)
    header = words.part(from: 0, count: Header.words)
    header[Header.fingerprint] = Layout.fingerprint
    header[Header.slots] = UInt64(slots)
    header[Header.master] = UInt64(getpid())
    header[Header.started] = UInt64(clamping: UnixTime.now.seconds)
    header.part(from: Header.socket.start, count: Header.socket.count).setText(socket)
    header.part(from: Header.program.start, count: Header.program.count).setText(program)
    header[Header.magic] = Layout.magic
  }

  /// - Throws: for what is no scoreboard, or one that another version has made.
  init(_ memory: SharedMemory) throws(ScoreboardError) {
    let found = memory.size / 8
    guard found >= Header.words else { throw .unreadable }
    let words = Words(memory.base, count: found)
    guard words[Header.magic] == Layout.magic else { throw .unreadable }
    guard words[Header.fingerprint] == Layout.fingerprint else {
      throw .ofAnotherVersion(words.part(from: Header.program.start, count: Header.program.count).text)
    }
    guard let slots = Int(exactly: words[Header.slots]), (1...1_000_000).contains(slots),
      Layout.words(slots: slots + 1) <= found
    else { throw .unreadable }
    self.memory = memory
    self.words = words
    self.slots = slots
    header = words.part(from: 0, count: Header.words)
  }

  /// The one that this worker's master has made, and which part of it is the worker's own. What it says of them is taken
  /// out of the environment, so that no program that this one starts takes it for its own.
  ///
  /// - Returns: nil where there is none, or one that another version has made.
  public static func inherited() -> (board: Scoreboard, slot: Int)? {
    guard let text = getenv(variable) else { return nil }
    let number = Int(String(cString: text))
    unsetenv(variable)
    guard let number, let memory = SharedMemory(taking: workerDescriptor, atLeast: Header.words * 8),
      let board = try? Scoreboard(memory), (1...board.slots).contains(number)
    else { return nil }
    return (board, number)
  }

  /// What a worker gets as ``workerDescriptor``.
  public var descriptor: Int32 { memory.descriptor }

  // MARK: - The workers' parts

  func slot(_ number: Int) -> Words {
    words.part(from: Header.words + number * Layout.slotWords, count: Layout.slotWords)
  }

  func metrics(_ number: Int) -> Words { slot(number).part(from: Layout.Slot.words, count: MetricCatalog.words) }

  public var masterPID: Int32 { Int32(truncatingIfNeeded: header[Header.master]) }
  public var started: UnixTime { UnixTime(seconds: Int64(clamping: header[Header.started])) }
  public var socket: String { header.part(from: Header.socket.start, count: Header.socket.count).text }
  public var program: String { header.part(from: Header.program.start, count: Header.program.count).text }

  /// Moves when logs are to be opened anew.
  var logGeneration: UInt64 { header[Header.logs] }

  /// Has all workers open their logs anew before they write the next line.
  public func renewLogs() { header[Header.logs] = header[Header.logs] &+ 1 }
}

/// Why there is no scoreboard to read.
public enum ScoreboardError: Error, Equatable, CustomStringConvertible {
  case unreadable
  case ofAnotherVersion(String)

  public var description: String {
    switch self {
    case .unreadable: "it has no scoreboard that can be read"
    case .ofAnotherVersion(let version): "it is of another version (\(version)); use its own executable"
    }
  }
}
