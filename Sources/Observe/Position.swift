/// What a worker does, for whom, and for which request: one word, so that it is always read as a whole.
public struct Position: Equatable, Sendable {
  public var stage = Stage.idle
  public var occupation = Occupation.none
  public var method = RequestMethod.other
  public var route = RequestRoute.other
  /// Whom it asks in the stage ``Stage/provider``; nil for several at a time.
  public var provider: ProviderName?

  init() {}

  init(packed word: UInt64) {
    func byte(_ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (8 * index)) }
    stage = Stage(rawValue: byte(0)) ?? .idle
    occupation = Occupation(rawValue: byte(1)) ?? .none
    method = RequestMethod(rawValue: byte(2)) ?? .other
    route = RequestRoute(rawValue: byte(3)) ?? .other
    provider = byte(4) == 0 ? nil : ProviderName(rawValue: byte(4) - 1)
  }

  var packed: UInt64 {
    UInt64(stage.rawValue) | UInt64(occupation.rawValue) << 8 | UInt64(method.rawValue) << 16
      | UInt64(route.rawValue) << 24 | (provider.map { UInt64($0.rawValue) + 1 } ?? 0) << 32
  }

  /// `source`, `provider fanart`, or `refreshing: cache`.
  public var stageText: String {
    let text = stage == .provider ? "provider \(provider?.name ?? "several")" : "\(stage)"
    return switch occupation {
    case .refreshing where stage != .refreshing: "refreshing: \(text)"
    case .building where stage != .building: "building: \(text)"
    default: text
    }
  }

  /// `GET artist`; nil where it does not work for a request.
  public var requestText: String? { occupation == .request ? "\(method.name) \(route.name)" : nil }
}
