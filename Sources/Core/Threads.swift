internal import Glibc

/// A thread of its own, for a command that has much to compute. Servers have none.
public struct WorkerThread: ~Copyable {
  private let thread: pthread_t

  private final class Work {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts it.
  ///
  /// - Returns: nil when the system has no room for another.
  public init?(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(run))
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      return nil
    }
    self.thread = thread
  }

  /// It goes on by itself.
  deinit { pthread_detach(thread) }

  /// Waits until it has ended.
  public consuming func join() {
    pthread_join(thread, nil)
    discard self
  }
}

/// Hands values from threads to threads, a bounded number of them at a time.
// @unchecked: everything that changes is behind the mutex.
public final class Channel<Value: Sendable>: @unchecked Sendable {
  private let capacity: Int
  private var values: [Value] = []
  private var isClosed = false
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  public init(capacity: Int) {
    self.capacity = max(1, capacity)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Waits until there is room.
  ///
  /// - Returns: false when it was closed: nobody wants the value.
  @discardableResult
  public func send(_ value: Value) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while values.count >= capacity, !isClosed { pthread_cond_wait(changed, mutex) }
    guard !isClosed else { return false }
    values.append(value)
    pthread_cond_broadcast(changed)
    return true
  }

  /// The next value, in the order in which they were sent. Waits for one.
  ///
  /// - Returns: nil when it was closed and all have been taken.
  public func receive() -> Value? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while values.isEmpty, !isClosed { pthread_cond_wait(changed, mutex) }
    guard !values.isEmpty else { return nil }
    pthread_cond_broadcast(changed)
    // There are a handful.
    return values.removeFirst()
  }

  /// Nothing can be sent any more; what was sent can still be taken.
  public func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  /// Closes it and forgets what was sent.
  public func abandon() {
    pthread_mutex_lock(mutex)
    isClosed = true
    values = []
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }
}
