internal import Core
internal import Metadata
internal import Postgres

/// How the database tells of changes, and where it stands.
struct ChangeState {
  var feed: ChangeFeed
  var database: String
  /// Of the recorded changes; empty where none are recorded.
  var epoch = ""
  var isStandby: Bool
  var snapshot: ChangePosition.Snapshot
  var sequence: Int64?
  /// Changes before this moment are there, in microseconds since 1970.
  var time: Int64
  /// Whether changes are recorded that have not been made yet.
  var isHalfApplied = false
  /// The snapshot before the packet that was copied last.
  var beforePacket: ChangePosition.Snapshot?
  /// Since when changes have been recorded, in microseconds since 1970.
  var begun: Int64 = 0

  /// The tables whose rows documents show. deploy/scripts/create-indices.sql has to record them all.
  static let tables = [
    "area", "artist", "artist_alias", "artist_credit_name", "artist_gid_redirect", "artist_meta", "artist_tag",
    "artist_type", "cover_art_archive.art_type", "cover_art_archive.cover_art", "cover_art_archive.cover_art_type",
    "cover_art_archive.release_group_cover_art", "genre", "l_artist_url", "l_release_group_series",
    "l_release_group_url", "l_release_url", "label", "medium", "medium_format", "recording",
    "recording_gid_redirect", "release", "release_country", "release_gid_redirect", "release_group",
    "release_group_alias", "release_group_gid_redirect", "release_group_meta", "release_group_primary_type",
    "release_group_secondary_type", "release_group_secondary_type_join", "release_group_tag", "release_label",
    "release_meta", "release_status", "release_unknown_country", "replication_control", "series",
    "series_gid_redirect", "tag", "track", "track_gid_redirect", "url",
  ]

  /// Where whoever has been told nothing begins. What is recorded and not made yet lies behind it.
  var start: ChangePosition {
    ChangePosition(
      database: database, epoch: epoch, seen: (isHalfApplied ? beforePacket : nil) ?? snapshot, time: time,
      sequence: isHalfApplied ? nil : sequence)
  }

  /// Whether this is the state that the position was taken from, or a later one. A primary that was set back to an
  /// earlier state is neither; a standby may only be behind.
  func isReached(_ position: ChangePosition) -> Bool {
    snapshot.next >= (position.round?.until ?? position.seen).next && (sequence ?? 0) >= (position.sequence ?? 0)
  }
}

extension MusicBrainzDatabase {
  func changeState(by deadline: Deadline) throws(SourceError) -> ChangeState {
    let states = try changeRows(
      of: .feedState, [.texts(ChangeState.tables)], by: deadline
    ) { row throws(PostgresFailure) in
      let isRecorded = try row.bool()
      let hasPackets = try row.bool()
      let hasRows = try row.bool()
      let database = try row.text()
      let isStandby = try row.bool()
      guard let snapshot = ChangePosition.Snapshot(try row.text()) else {
        throw PostgresFailure(.misunderstood, "a malformed snapshot")
      }
      let sequence = try row.optionalInt().map(Int64.init)
      return ChangeState(
        feed: !isRecorded ? .times : hasPackets ? .packets : hasRows ? .rows : .times, database: database,
        isStandby: isStandby, snapshot: snapshot, sequence: sequence, time: Int64(try row.int()))
    }
    guard var state = states.first else { throw SourceError(.failed, "\(MusicBrainzDatabase.name): no answer") }
    guard state.feed != .times else { return state }
    let read = try changeRows(
      of: .changeState, [.texts(ChangeState.tables)], by: deadline
    ) { row throws(PostgresFailure) in
      state.epoch = try row.text()
      let isComplete = try row.bool()
      state.isHalfApplied = try row.bool()
      state.beforePacket = row.optionalText().flatMap { ChangePosition.Snapshot(before: $0) }
      state.begun = Int64(try row.int())
      return isComplete
    }
    // Another version of the script recorded less.
    if read.first != true {
      state.feed = .times
      state.epoch = ""
    }
    return state
  }

  /// What `read` makes of the rows of one statement.
  func changeRows<Element>(
    of statement: ChangeStatement, _ parameters: [PostgresParameter], by deadline: Deadline,
    _ read: (inout PostgresRow) throws(PostgresFailure) -> Element
  ) throws(SourceError) -> [Element] {
    do throws(PostgresFailure) {
      return try client.run({ _ in [statement.query(parameters)] }, into: [], by: deadline) {
        (answer: inout [Element], _, rows) throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in answer.append(try read(&row)) }
      }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }
}
