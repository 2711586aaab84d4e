internal import ArgumentParser
internal import Core
@preconcurrency internal import Glibc
internal import Observe

/// `linernotes status`: what the processes of a running pool are doing.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what the processes of a pool are doing.",
    discussion: """
      Run it as the pool's user, or as root. It finds the masters that run on this machine by the memory that they share \
      with their workers, and asks them nothing: it also works while all workers hang. Ends with status 3 if there is no \
      pool.
      """)

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: ArgumentHelp("Only the pool that listens there.", valueName: "path"))
  var socket: String?

  func run() throws {
    let found = PoolFinder.pools()
    let pools = found.pools.filter { socket == nil || $0.board.socket == socket }
    for failure in found.failures where socket == nil {
      fputs("linernotes: pool \(failure.pid): \(failure.reason)\n", stderr)
    }
    guard !pools.isEmpty else {
      fputs(
        "linernotes: no pool of this user runs here"
          + (found.isIncomplete ? "; there are processes of others that only root or their user can look at" : "")
          + "\n",
        stderr)
      throw ExitCode(3)
    }
    let reports = pools.map { PoolReport($0.board) }
    if json {
      print(PoolReport.json(reports))
    } else {
      let isTerminal = isatty(STDOUT_FILENO) == 1
      print(
        reports.map { $0.table(width: isTerminal ? Status.terminalWidth : nil) }.joined(separator: "\n"), terminator: ""
      )
    }
  }

  private static var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
