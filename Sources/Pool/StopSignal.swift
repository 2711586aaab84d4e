internal import CLinux
internal import Glibc

/// SIGTERM, SIGINT and SIGUSR1, as a descriptor to wait on. Spawners ask for a soft stop with SIGUSR1. For a master it
/// means that logs have been renamed, and its workers do not hear of it.
///
/// They are blocked: nothing interrupts the request in hand, and none is lost between two waits.
public final class StopSignal {
  public let descriptor: Int32
  private let signals: sigset_t

  /// - Parameter hasMaster: whether this process is a worker of our own master.
  public init(and others: [Int32] = [], hasMaster: Bool = false) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT] + others { sigaddset(&signals, number) }
    if hasMaster { signal(SIGUSR1, SIG_IGN) } else { sigaddset(&signals, SIGUSR1) }
    sigprocmask(SIG_BLOCK, &signals, nil)
    self.signals = signals
    descriptor = linernotes_signal_descriptor(&signals)
  }

  deinit { close(descriptor) }

  /// The number of the next pending signal; nil when there is none.
  public func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard read(descriptor, &info, size) == size else { return nil }
    return Int32(info.ssi_signo)
  }

  /// Whether a signal has come that nobody has taken yet.
  public var isPending: Bool { wait(milliseconds: 0) }

  /// Waits for a signal.
  ///
  /// - Returns: whether one has come that nobody has taken yet.
  @discardableResult
  public func wait(milliseconds: Int) -> Bool {
    var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&event, 1, Int32(clamping: milliseconds)) > 0
  }

  /// Has this process stopped when its parent is killed, so that no worker outlives its master.
  public static func followParent() {
    _ = linernotes_signal_when_orphaned(SIGTERM)
  }
}
