public import Core

/// What has to be built although nobody waits for it, in an order that all processes share. It survives a restart and a
/// killed process, except where there is only memory to keep it in. Like a durable tier it may be away, and then throws.
///
/// First comes what people asked for, then what was found on the way, then what was scheduled; among equals, what was
/// added first. What has failed too often comes last, and is still tried.
///
/// Nothing leaves the queue but by ``finish(_:)``. A build that failed waits: `BuildQueuePolicy.shortestPause` after the
/// first attempt, twice as long each time. A process that is killed loses what it had claimed when the lease runs out.
public protocol BuildQueue: AnyObject {
  /// Whether it is worth asking now.
  var isAvailable: Bool { get }

  /// Adds what is not in the queue yet. What is there already stays where it is, or moves forward when the reason is
  /// better; then it counts as the new client's.
  ///
  /// - Parameter client: a hash of the address of whoever asked; nil where nobody did. Of one client there may be a tenth
  ///   of what the queue can hold.
  /// - Returns: the outcome of each, in their order.
  func add(_ keys: [CacheKey], _ reason: BuildReason, client: UInt64?) throws(SourceError) -> [QueueOutcome]

  /// The place of each in the queue, from 1; nil where it is not in the queue. Builds that come before it and are being
  /// built count, those that wait after a failure do not.
  func places(of keys: [CacheKey]) throws(SourceError) -> [Int?]

  /// Leases the first builds of these kinds. No other process gets them until they are given back or the lease runs out.
  ///
  /// - Parameters:
  ///   - kinds: what this process knows how to build. The keys that it gets have these very kinds.
  ///   - seconds: how long the lease lives unless it is renewed, 1 to ``BuildQueuePolicy/longestLease``.
  func claim(_ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64) throws(SourceError) -> [QueuedBuild]

  /// Prolongs leases to `seconds` from now. One that has run out is prolonged as well, unless somebody else has claimed
  /// the build.
  ///
  /// - Returns: whether each is still held, in their order.
  func renew(_ builds: [QueuedBuild], seconds: Int64) throws(SourceError) -> [Bool]

  /// Takes builds out that are done. What somebody else has claimed meanwhile stays.
  func finish(_ builds: [QueuedBuild]) throws(SourceError)

  /// Lets go of builds that failed.
  ///
  /// - Parameter seconds: the least time until the next attempt, such as a server has asked for; the back-off may be
  ///   longer.
  func fail(_ builds: [QueuedBuild], pausing seconds: Int64) throws(SourceError)

  /// Lets go of builds as if they had never been claimed.
  func giveBack(_ builds: [QueuedBuild]) throws(SourceError)

  func progress() throws(SourceError) -> QueueProgress
}
