internal import Cache
internal import Core

/// Whether anybody waits for an answer of ws/2, in whatever process: a mark that lasts a little longer than the time
/// between two of the requests that a person's answer takes.
final class People {
  private let coordination: any Coordination
  private let now: () -> Int64
  /// When it was last said that somebody waits; nil before the first time.
  private var noted: Int64?
  private var looked: (at: Int64, areWaiting: Bool)?

  private static let name = "ws2-people"
  private static let markSeconds: Int64 = 2
  private static let noteMilliseconds: Int64 = 500
  private static let lookMilliseconds: Int64 = 50

  /// - Parameter now: milliseconds since the machine started.
  init(_ coordination: any Coordination, now: @escaping () -> Int64 = { BootTime.milliseconds }) {
    self.coordination = coordination
    self.now = now
  }

  /// Says that a person waits, in this process.
  func noteOne() {
    let now = now()
    if let noted, now - noted < People.noteMilliseconds { return }
    noted = now
    coordination.pause(People.name, seconds: People.markSeconds)
  }

  var areWaiting: Bool {
    let now = now()
    if let looked, now - looked.at < People.lookMilliseconds { return looked.areWaiting }
    let areWaiting = coordination.arePaused([People.name])[0]
    looked = (now, areWaiting)
    return areWaiting
  }
}
