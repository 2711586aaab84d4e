/// How long to wait for a server, in milliseconds.
public struct MemcachedPatience: Sendable {
  var toConnect: Int
  var inSilence: Int
  /// What an answer of many large values may take, even if it comes in drips.
  var forAnswer: Int

  /// Somebody waits, and a live server on the same network answers in well under a millisecond.
  public static let ofAnswers = MemcachedPatience(toConnect: 100, inSilence: 50, forAnswer: 500)
  /// Nobody waits, and the server, or this machine, may be busy.
  public static let unhurried = MemcachedPatience(toConnect: 2_000, inSilence: 2_000, forAnswer: 5_000)
}
