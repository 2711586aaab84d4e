internal import Core

/// What this process is doing, and for how long. It keeps the worker's part of the scoreboard up to date, if there is one.
///
/// To enter a stage takes a look at the clock and two words: no system call, no lock and no memory.
public final class Activity {
  public private(set) var position = Position()
  private let slot: Words?
  private let now: () -> UInt64
  private var since: UInt64 = 0
  private var began: UInt64 = 0
  private var requests: UInt64 = 0
  private var errors: UInt64 = 0
  /// Nanoseconds in each stage since the request began.
  private var times: [UInt64]

  private typealias Slot = ScoreboardLayout.Slot

  /// Of a process that shows it to nobody.
  public convenience init() { self.init(slot: nil) }

  init(slot: Words?, now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds) {
    self.slot = slot
    self.now = now
    times = [UInt64](repeating: 0, count: Stage.allCases.count)
  }

  /// Tells the master when to take this worker for hung.
  ///
  /// - Parameters:
  ///   - request: how long one request may take, in milliseconds; 0: any time.
  ///   - silence: how long work that nobody waits for may go without a sign of life, in milliseconds; 0: any time.
  public func setLimits(request: Int, silence: Int) {
    slot?[Slot.longestRequest] = UInt64(max(0, request)) * 1_000_000
    slot?[Slot.longestSilence] = UInt64(max(0, silence)) * 1_000_000
  }

  /// When it last entered a stage, in monotonic nanoseconds.
  public var lastChange: UInt64 { since }

  // MARK: - Stages

  /// - Returns: the stage before, to return to.
  public func enter(_ stage: Stage, provider: ProviderName? = nil) -> (Stage, ProviderName?) {
    let before = (position.stage, position.provider)
    move(to: stage, provider)
    return before
  }

  public func `return`(to before: (Stage, ProviderName?)) { move(to: before.0, before.1) }

  /// Does `work` in a stage.
  @inline(__always)
  public func during<Answer, Failure: Error>(
    _ stage: Stage, provider: ProviderName? = nil, _ work: () throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    let before = enter(stage, provider: provider)
    defer { self.return(to: before) }
    return try work()
  }

  private func move(to stage: Stage, _ provider: ProviderName?) {
    let now = now()
    times[Int(position.stage.rawValue)] &+= now &- since
    since = now
    position.stage = stage
    position.provider = provider
    guard let slot else { return }
    slot[Slot.since] = now
    slot[Slot.position] = position.packed
  }

  /// Shows that work that takes long does not hang.
  public func beat() { slot?[Slot.beat] = now() }

  // MARK: - Requests

  public func beginRequest() {
    begin(.request, .reading)
    for index in times.indices { times[index] = 0 }
  }

  /// What was asked for is known.
  public func setRequest(_ method: String) { position.method = RequestMethod(method) }

  public func setRoute(_ route: RequestRoute) {
    position.route = route
    slot?[Slot.position] = position.packed
  }

  /// The request is over, whatever has become of it.
  ///
  /// - Parameter isError: whether the answer says that something here has failed.
  /// - Returns: how long it took, in nanoseconds.
  public func endRequest(isError: Bool) -> UInt64 {
    requests += 1
    if isError { errors += 1 }
    move(to: .idle, nil)
    let duration = since - began
    if let slot {
      slot[Slot.requests] = requests
      slot[Slot.errors] = errors
    }
    end()
    return duration
  }

  /// How long the last request has been in each stage, in nanoseconds.
  public func time(in stage: Stage) -> UInt64 { times[Int(stage.rawValue)] }

  /// A connection was there, and no request came.
  public func cancelRequest() {
    move(to: .idle, nil)
    end()
  }

  // MARK: - Work that nobody waits for

  public func working<Answer>(_ occupation: Occupation, _ stage: Stage, _ work: () -> Answer) -> Answer {
    begin(occupation, stage)
    defer {
      move(to: .idle, nil)
      end()
    }
    return work()
  }

  private func begin(_ occupation: Occupation, _ stage: Stage) {
    position.occupation = occupation
    position.method = .other
    position.route = .other
    let now = now()
    began = now
    since = now
    position.stage = stage
    position.provider = nil
    guard let slot else { return }
    slot[Slot.began] = now
    slot[Slot.since] = now
    slot[Slot.position] = position.packed
  }

  private func end() {
    position.occupation = .none
    position.method = .other
    position.route = .other
    slot?[Slot.position] = position.packed
  }

  /// Keeps an error for whoever looks at the scoreboard.
  func note(error text: String, at time: UnixTime) {
    guard let slot else { return }
    SharedText(words: slot.part(from: Slot.error.start, count: Slot.error.count)).set(text)
    slot[Slot.errorTime] = UInt64(clamping: time.seconds)
  }
}
