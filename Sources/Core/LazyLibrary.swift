/// A library that is opened when it is first needed. One that cannot be opened is tried again after a while, so that a
/// running process finds it once it is installed. Until then asking for it costs nothing.
public struct LazyLibrary<Contents> {
  private let open: () throws(LibraryFailure) -> Contents
  private let now: () -> UInt64
  private var state = State.closed
  private var backoff = Backoff(shortestMilliseconds: 1_000, longestMilliseconds: 30_000)

  private enum State {
    case closed
    case open(Contents)
    case failed(LibraryFailure)
  }

  /// - Parameters:
  ///   - now: monotonic nanoseconds.
  ///   - open: opens the library and makes of it whatever its user needs.
  public init(
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds,
    open: @escaping () throws(LibraryFailure) -> Contents
  ) {
    self.open = open
    self.now = now
  }

  /// The library, if it is open.
  public var opened: Contents? {
    if case .open(let contents) = state { contents } else { nil }
  }

  /// Whether it is open, or may be opened now. Nothing is opened to find out.
  public var isWorthTrying: Bool {
    if case .failed = state { backoff.isOpen(at: now()) } else { true }
  }

  public mutating func contents() throws(LibraryFailure) -> Contents {
    switch state {
    case .open(let contents): return contents
    case .failed(let failure) where !backoff.isOpen(at: now()): throw failure
    case .closed, .failed: break
    }
    do throws(LibraryFailure) {
      let contents = try open()
      state = .open(contents)
      return contents
    } catch {
      backoff.failed(at: now())
      state = .failed(error)
      throw error
    }
  }
}
