public import Core

/// Something that answers depend on.
public struct Component {
  public struct State: Sendable {
    public var isUp: Bool
    /// A few words, without addresses or secrets.
    public var detail: String
    /// What is not as it should be although it is up.
    public var notice: String?
    /// Whether artists and albums can be had from it, even if all the others are away.
    public var canAnswer: Bool
    /// Whether it is down because a step of setting it up is left, which is no fault.
    public var isToBeSetUp: Bool
    /// Whether the whole is degraded while it is down. Answers go out without what is only beside them.
    public var isEssential = true
    /// Numbers for whoever watches it, by their names.
    public var figures: [(name: String, number: Int)] = []
    /// What whoever runs the server can do about it, in a line: where to look, which setting.
    public var advice: String?

    public init(
      isUp: Bool, detail: String, notice: String? = nil, canAnswer: Bool = false, isToBeSetUp: Bool = false,
      advice: String? = nil
    ) {
      self.isUp = isUp
      self.detail = detail
      self.notice = notice
      self.canAnswer = canAnswer
      self.isToBeSetUp = isToBeSetUp
      self.advice = advice
    }

    /// The detail with the notice.
    var text: String { notice.map { "\(detail), \($0)" } ?? detail }
  }

  public var name: String
  /// Looks at it, and is back by the deadline or little later.
  public var check: (Deadline) -> State

  /// - Parameter check: is back within a second by itself.
  public init(_ name: String, check: @escaping () -> State) {
    self.name = name
    self.check = { _ in check() }
  }

  public init(_ name: String, check: @escaping (Deadline) -> State) {
    self.name = name
    self.check = check
  }
}

/// How the whole is, by how its parts are.
public enum Health: String, Sendable {
  case healthy
  /// Something is away or not as it should be, but what is stored can be served, or what is not can be computed.
  case degraded
  /// Nothing is left that could answer.
  case unhealthy

  init(_ states: [Component.State], heedingNotices: Bool) {
    if !states.contains(where: \.canAnswer) {
      self = .unhealthy
    } else if states.allSatisfy({ !$0.isEssential || $0.isUp && (!heedingNotices || $0.notice == nil) }) {
      self = .healthy
    } else {
      self = .degraded
    }
  }
}
