public import Core
public import Metadata

/// What a run of the invalidator has done.
public struct InvalidationRun: Sendable {
  public enum Ending: Equatable, Sendable {
    /// Nothing was left that could be read.
    case finished
    /// The time was up, or the process was told to end. The next run goes on from here.
    case stopped
    /// Another process is at it, since then as far as anybody knows.
    case occupied(since: UnixTime?)
  }

  /// Which caches have not heard of everything. They do when they are back.
  public enum Tier: String, Sendable, CaseIterable {
    case durable, shared
  }

  public var ending = Ending.finished
  /// What was revoked, up to ``mostListed`` paths.
  public var changes = EntityChanges()
  /// How many entities were revoked. An entity counts once for every batch that it was in.
  public var count = 0
  /// How many rows of the source that comes from.
  public var rows = 0
  public var missed: Set<Tier> = []
  /// Why a provider's changes could not be read, by its name. They are read the next time.
  public var failures: [String: SourceError] = [:]
  /// Whether the source could not tell of everything: see ``ChangeBatch/hasGap``.
  public var hasGap = false

  public static let mostListed = 10_000

  public init(ending: Ending = .finished) { self.ending = ending }

  mutating func add(_ reading: ChangeFeedReader.Reading) {
    count += reading.changes.count
    rows += reading.rows
    if reading.hasGap { hasGap = true }
    if changes.count < InvalidationRun.mostListed { changes.add(reading.changes) }
  }
}
