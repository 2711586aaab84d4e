internal import Core

/// Finds out whether the file and those beside it are still what was opened. SQLite goes on in a file that was removed or
/// replaced, without an error, and to read a mapped file where it was cut off ends the process (SIGBUS).
final class StoreWatch {
  enum Verdict {
    case same, other
  }

  private let path: String
  private var file: FileIdentity
  /// Those beside it: its log, and the log's index, which all processes map.
  private var log: FileIdentity?
  private var index: FileIdentity?
  private let isLogged: Bool
  private var lastLook: UInt64 = 0
  /// Whether no part of a mapped file is gone.
  private(set) var isWhole = true

  /// Whether another file is in the place of the one that was opened, or none. What is beside it may still be the old
  /// one's log, and SQLite would take it for the new one's.
  private(set) var isReplaced = false

  /// The log and its index as they were opened.
  var beside: [(suffix: String, identity: FileIdentity)] {
    [("-wal", log), ("-shm", index)].compactMap { suffix, identity in identity.map { (suffix, $0) } }
  }

  /// How long the log was at the last thorough look, in bytes.
  var logBytes: Int64 { log?.size ?? 0 }

  var fileBytes: Int64 { file.size }

  private static let lookNanoseconds: UInt64 = 1_000_000_000

  /// For a file that was opened and read from just now.
  ///
  /// - Parameter isLogged: whether there is a write-ahead log.
  init?(_ path: String, isLogged: Bool) {
    guard let file = FileIdentity(path) else { return nil }
    self.path = path
    self.file = file
    self.isLogged = isLogged
    guard isLogged else { return }
    log = FileIdentity(path + "-wal")
    index = FileIdentity(path + "-shm")
  }

  /// - Parameter thoroughly: for whoever is about to write; once a second anyhow.
  func look(thoroughly: Bool) -> Verdict {
    let opened = file
    guard continues(&file, path, mayShrink: false) else {
      isReplaced = FileIdentity(path).map { !$0.isSameFile(as: opened) } ?? true
      return .other
    }
    guard isLogged else { return .same }
    let now = Deadline.monotonicNanoseconds()
    guard continues(&index, path + "-shm", mayShrink: false) else { return .other }
    if thoroughly || now >= lastLook + StoreWatch.lookNanoseconds {
      lastLook = now
      guard continues(&log, path + "-wal", mayShrink: true) else { return .other }
    }
    return .same
  }

  private func continues(_ known: inout FileIdentity, _ path: String, mayShrink: Bool) -> Bool {
    var found: FileIdentity? = known
    defer { if let found { known = found } }
    return continues(&found, path, mayShrink: mayShrink)
  }

  private func continues(_ known: inout FileIdentity?, _ path: String, mayShrink: Bool) -> Bool {
    let found = FileIdentity(path)
    defer { if found != nil { known = found } }
    guard let known else { return true }
    guard let found, found.isSameFile(as: known) else { return false }
    if found.size < known.size, !mayShrink {
      isWhole = false
      return false
    }
    return true
  }
}
