public import Core

/// Looks at all components, for no longer than is set for all of them together: a server that hangs must not make those who
/// watch this one believe that it hangs.
public final class HealthWatch {
  private let components: [Component]
  private let history: ComponentHistory
  /// How they were when they were last looked at.
  private var last: [String: Component.State] = [:]

  /// How long all may take together, and one of them, in milliseconds.
  private let longestForAll: Int
  private let longestForOne: Int

  public convenience init(_ components: [Component], history: ComponentHistory) {
    self.init(components, history: history, longestForAll: 2_500, longestForOne: 1_000)
  }

  init(_ components: [Component], history: ComponentHistory, longestForAll: Int, longestForOne: Int) {
    self.components = components
    self.history = history
    self.longestForAll = longestForAll
    self.longestForOne = longestForOne
  }

  public func look() -> HealthReport {
    let looks = lookAtEach()
    let records = history.note(looks.map { ($0.name, $0.state) })
    return HealthReport(
      entries: zip(looks, records).map { look, record in
        HealthReport.Entry(
          name: look.name, state: look.state, microseconds: look.microseconds, since: record.since,
          lastError: record.lastError?.text, lastErrorTime: record.lastError?.time)
      })
  }

  /// How the whole is, for those who are told no more than that.
  func health(heedingNotices: Bool = true) -> Health {
    Health(lookAtEach().map(\.state), heedingNotices: heedingNotices)
  }

  private func lookAtEach() -> [(name: String, state: Component.State, microseconds: Int?)] {
    let deadline = Deadline.after(milliseconds: longestForAll)
    return components.map { component in
      guard !deadline.hasPassed else { return (component.name, unseen(component.name), nil) }
      let start = Deadline.monotonicNanoseconds()
      let state = component.check(deadline.orAfter(milliseconds: longestForOne))
      let end = Deadline.monotonicNanoseconds()
      last[component.name] = state
      return (component.name, state, Int(clamping: (end - start) / 1_000))
    }
  }

  /// What is said of a component for which there was no time.
  private func unseen(_ name: String) -> Component.State {
    var state = last[name] ?? Component.State(isUp: false, detail: "not known")
    state.detail = "not looked at, because others took too long; before: \(state.detail)"
    state.notice = nil
    return state
  }
}

/// How each component is, and the whole.
public struct HealthReport: Sendable {
  public struct Entry: Sendable {
    public var name: String
    public var state: Component.State
    /// How long the look took; nil where there was no time for one.
    public var microseconds: Int?
    /// Since when it is up, or down, as far as anybody has noticed.
    public var since: UnixTime
    /// What was wrong when it was last down.
    public var lastError: String?
    public var lastErrorTime: UnixTime?

    public init(
      name: String, state: Component.State, microseconds: Int? = nil, since: UnixTime, lastError: String? = nil,
      lastErrorTime: UnixTime? = nil
    ) {
      self.name = name
      self.state = state
      self.microseconds = microseconds
      self.since = since
      self.lastError = lastError
      self.lastErrorTime = lastErrorTime
    }
  }

  public var entries: [Entry]

  public var health: Health { Health(entries.map(\.state), heedingNotices: true) }

  /// Appends `{"cache":{"status":"up",…},…}`.
  ///
  /// - Parameter withAdvice: whether it is for those who run the server.
  public func write(into json: inout JSONWriter, withAdvice: Bool = false) {
    json.raw("{")
    for (index, entry) in entries.enumerated() {
      if index > 0 { json.raw(",") }
      json.string(entry.name)
      json.raw(":")
      write(entry, into: &json, withAdvice: withAdvice)
    }
    json.raw("}")
  }

  private func write(_ entry: Entry, into json: inout JSONWriter, withAdvice: Bool) {
    let state = entry.state
    json.raw(#"{"status":"#)
    json.string(state.isUp ? "up" : "down")
    json.raw(#","detail":"#)
    json.string(state.text)
    for (name, number) in state.figures {
      json.raw(",")
      json.string(name)
      json.raw(":")
      json.integer(number)
    }
    json.raw(#","latency_ms":"#)
    if let microseconds = entry.microseconds {
      json.integer(microseconds / 1_000)
      json.raw(".")
      json.integer(microseconds % 1_000, digits: 3)
    } else {
      json.raw("null")
    }
    json.raw(#","since":"#)
    json.string(entry.since.iso8601)
    json.raw(#","last_error":"#)
    json.string(entry.lastError)
    json.raw(#","last_error_at":"#)
    json.string(entry.lastErrorTime?.iso8601)
    if withAdvice, let advice = state.advice {
      json.raw(#","advice":"#)
      json.string(advice)
    }
    json.raw("}")
  }
}
