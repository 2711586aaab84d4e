internal import Core
internal import Glibc

/// Tells a StatsD server what a worker has counted, over UDP. Nobody ever waits for it: what cannot be sent at once is
/// dropped and counted.
///
/// Nothing is sent for a request. It is sent when the worker has nothing else to do, when a second is over, or when
/// enough has been counted.
public final class StatsDClient {
  private let host: String
  private let port: Int
  private let prefix: String
  private let words: Words
  private let buffer: StatsDBuffer
  private let hostNames: HostNames
  private let now: () -> UInt64
  private let connection = UDPConnection()
  /// What had been counted when it was last sent, word by word.
  private var told: [UInt64]
  private var lastFlush: UInt64 = 0
  private var backoff = Backoff(shortestMilliseconds: 1_000, longestMilliseconds: 30_000)
  /// When the host's addresses are looked at again, in monotonic nanoseconds.
  private var lookAgain: UInt64 = 0
  private var gauges: [(name: String, value: UInt64)] = []

  /// In nanoseconds.
  private static let (interval, addressLifetime): (UInt64, UInt64) = (1_000_000_000, 60_000_000_000)
  /// How long the resolver is waited for, in milliseconds.
  private static let patience = 20

  init(
    host: String, port: Int, prefix: String, words: Words, buffer: StatsDBuffer, hostNames: HostNames = HostNames(),
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds
  ) {
    self.host = host
    self.port = port
    self.prefix = prefix
    self.words = words
    self.buffer = buffer
    self.hostNames = hostNames
    self.now = now
    told = (0..<words.count).map { words[$0] }
  }

  /// Whether it is time to send something: asked after each answer.
  func isDue(at now: UInt64) -> Bool {
    buffer.samples.count >= StatsDBuffer.enough
      || (now > lastFlush && now - lastFlush > StatsDClient.interval && !buffer.samples.isEmpty)
  }

  /// Whether there is something that has not been sent.
  public var hasPending: Bool { !buffer.samples.isEmpty || !gauges.isEmpty }

  /// Whether it has somebody to tell.
  public var isConnected: Bool { connection.isOpen }

  /// Has a size told with what is sent next.
  public func setGauge(_ name: String, _ value: UInt64) { gauges.append((name, value)) }

  /// Sends what has been counted since the last time.
  public func flush() {
    lastFlush = now()
    defer {
      drop(buffer.clear())
      gauges.removeAll()
    }
    guard connect() else {
      drop(1)
      // What nobody was told of is told later: counters are differences.
      return
    }
    var writer = StatsDWriter(prefix: prefix) { [connection] bytes in
      if !connection.send(bytes) { self.drop(1) }
    }
    MetricCatalog.forEachSeries { family, series, start in
      guard let name = series.statsD.first, !name.isEmpty, family.kind != .gauge else { return }
      let count = MetricCatalog.count(family, start, in: words)
      let difference = count &- told[start]
      guard difference > 0, difference < 1 << 60 else { return }
      told[start] = count
      for name in MetricCatalog.counterNames(family, series) { writer.count(name, difference) }
    }
    for sample in buffer.samples {
      if let name = MetricCatalog.timerName(sample.series) { writer.time(name, nanoseconds: sample.nanoseconds) }
    }
    for gauge in gauges { writer.gauge(gauge.name, gauge.value) }
    writer.finish()
  }

  private func drop(_ count: UInt64) {
    if count > 0, let place = MetricCatalog.place(MetricCatalog.statsDDropped.name, []) {
      words.add(count, to: place.start)
    }
  }

  /// - Returns: whether there is an address to send to.
  private func connect() -> Bool {
    let now = now()
    if connection.isOpen, now < lookAgain { return true }
    guard backoff.isOpen(at: now) else { return connection.isOpen }
    // Where the resolver is slow it is asked for its answer the next time.
    let addresses = try? hostNames.addresses(of: host, by: .after(milliseconds: StatsDClient.patience))
    guard let addresses, connection.connect(to: addresses.first ?? host, port: port) else {
      backoff.failed(at: now)
      return connection.isOpen
    }
    backoff.succeeded()
    lookAgain = now + StatsDClient.addressLifetime
    return true
  }
}

/// A UDP socket with somebody at the other end. Owns the descriptor.
final class UDPConnection {
  private var descriptor: Int32 = -1
  private var address = ""

  deinit { if descriptor >= 0 { close(descriptor) } }

  var isOpen: Bool { descriptor >= 0 }

  /// - Returns: whether it is now open to that address.
  func connect(to address: String, port: Int) -> Bool {
    if isOpen, address == self.address { return true }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    // No name is looked up.
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &found) == 0, let found else { return false }
    defer { freeaddrinfo(found) }
    let new = socket(found.pointee.ai_family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard new >= 0 else { return false }
    guard Glibc.connect(new, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
      close(new)
      return false
    }
    if descriptor >= 0 { close(descriptor) }
    descriptor = new
    self.address = address
    return true
  }

  /// - Returns: whether the kernel has taken it. That nobody listens there, which the kernel tells of with the next
  ///   datagram, is no failure: that one is sent again.
  func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
    for _ in 0..<2 {
      if Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) >= 0 { return true }
      guard errno == ECONNREFUSED || errno == EINTR else { return false }
    }
    return true
  }
}
