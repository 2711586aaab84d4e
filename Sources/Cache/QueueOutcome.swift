/// What has come of adding something to a ``BuildQueue``.
public enum QueueOutcome: Equatable, Sendable {
  /// It is in the queue, perhaps since earlier.
  case waiting(place: Int)
  /// The queue is full.
  case full
  /// The client has as much in the queue as one client may.
  case clientHasEnough
}
