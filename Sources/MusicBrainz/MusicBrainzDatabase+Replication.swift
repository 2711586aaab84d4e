public import Core
internal import Postgres

/// Where the replication of a MusicBrainz database stands. What is nil, the database does not say.
public struct Replication: Equatable, Sendable {
  /// The number of the last packet that was applied.
  public var sequence: Int?
  /// How long ago that was made, in seconds.
  public var age: Int?
  /// The version of the schema.
  public var schema: Int?
  /// Whether some of a packet's transactions have been applied, and others not.
  public var isHalfApplied: Bool
}

extension MusicBrainzDatabase {
  /// Where replication stands now. It takes less than a millisecond.
  public func replication(by deadline: Deadline) throws(SourceError) -> Replication {
    let read = try changeRows(of: .replication, [], by: deadline) { row throws(PostgresFailure) in
      Replication(
        sequence: try row.optionalInt(), age: try row.optionalInt(), schema: try row.optionalInt(),
        isHalfApplied: try row.bool())
    }
    return read.first ?? Replication(sequence: nil, age: nil, schema: nil, isHalfApplied: false)
  }
}
