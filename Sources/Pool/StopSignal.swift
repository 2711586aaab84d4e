internal import CLinux
internal import Glibc

/// SIGTERM, SIGINT and SIGUSR1 (how spawners ask for a soft stop), as a descriptor to wait on.
///
/// They are blocked: nothing interrupts the request in hand, and none is lost between two waits.
public final class StopSignal {
  public let descriptor: Int32
  private let signals: sigset_t

  public init(and others: [Int32] = []) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT, SIGUSR1] + others { sigaddset(&signals, number) }
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
  public var isPending: Bool {
    var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&event, 1, 0) > 0
  }

  /// Has this process stopped when its parent is killed, so that no worker outlives its master.
  public static func followParent() {
    _ = linernotes_signal_when_orphaned(SIGTERM)
  }
}
