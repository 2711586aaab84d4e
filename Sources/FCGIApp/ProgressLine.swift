internal import Core
@preconcurrency internal import Glibc

/// Says how far a command has come: on a terminal in one line that changes, else in a line now and then.
struct ProgressLine {
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private let start = Deadline.monotonicNanoseconds()
  private var last: UInt64 = 0

  /// Between two lines, in nanoseconds.
  private var interval: UInt64 { isTerminal ? 100_000_000 : 5_000_000_000 }

  var seconds: Double { Double(Deadline.monotonicNanoseconds() - start) / 1_000_000_000 }

  /// So many a second, since the beginning.
  func rate(of count: Int) -> Int { Int(Double(count) / max(seconds, 0.001)) }

  mutating func show(_ text: String) {
    let now = Deadline.monotonicNanoseconds()
    guard now - max(last, start) >= interval else { return }
    last = now
    put(text, end: isTerminal ? "" : "\n")
  }

  /// The last line, which stays.
  func end(_ text: String) { put(text, end: "\n") }

  private func put(_ text: String, end: String) {
    print(isTerminal ? "\r\u{1b}[K\(text)" : text, terminator: end)
    fflush(stdout)
  }
}
