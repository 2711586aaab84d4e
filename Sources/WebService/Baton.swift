/// The right to ask MusicBrainz, which one process of the whole installation has at a time, and with it the knowledge of
/// when the next request may be sent. Whoever dies with it loses it.
protocol Baton: AnyObject {
  /// Takes it, without waiting.
  func take() -> BatonOutcome

  /// Has to be called at least every two seconds while one holds it.
  ///
  /// - Returns: false when it has meanwhile become somebody else's.
  func keep() -> Bool

  /// What the last holder has left.
  func read() -> BatonMark

  /// Leaves a mark for the next holder; one from whom it was taken away leaves none.
  func write(_ mark: BatonMark)

  func giveBack()
}

enum BatonOutcome: Equatable {
  case held
  /// Somebody else has it.
  case busy
  /// Nobody can say who has it, or when the last request was sent.
  case unavailable
}

enum BatonMark: Equatable {
  /// Nothing is known: the mark has been lost, or another host or an earlier start of this one has left it.
  case unknown
  /// A request is being sent. Whoever finds this holds what a dead process has lost.
  case sending
  /// The next request may be sent from this moment on, in milliseconds since the machine started.
  case next(Int64)

  /// - Parameter boot: tells one start of one machine from all others.
  func encoded(boot: String) -> [UInt8] {
    switch self {
    case .unknown: []
    case .sending: Array("1 \(boot) sending".utf8)
    case .next(let time): Array("1 \(boot) \(time)".utf8)
    }
  }

  init(encoded bytes: some Sequence<UInt8>, boot: String) {
    let words = String(decoding: Array(bytes.prefix(200)), as: UTF8.self).split(separator: " ")
    guard words.count == 3, words[0] == "1", words[1].utf8.elementsEqual(boot.utf8) else {
      self = .unknown
      return
    }
    self = words[2] == "sending" ? .sending : Int64(words[2]).map { .next($0) } ?? .unknown
  }
}
