public import Core
public import Metadata
internal import Postgres

/// What was recorded by triggers (deploy/scripts/create-indices.sql), or else what the times in the rows tell.
extension MusicBrainzDatabase: ChangeSource {
  public func feed(by deadline: Deadline) throws(SourceError) -> ChangeFeed { try changeState(by: deadline).feed }

  public func changes(
    after position: String?, limit: Int, by deadline: Deadline
  ) throws(SourceError) -> ChangeBatch {
    let state = try changeState(by: deadline)
    guard let position else { return state.start.batch() }
    guard let known = ChangePosition(position), known.database == state.database else {
      return state.start.batch(hasGap: true)
    }
    guard state.isReached(known) else {
      return state.isStandby ? known.batch() : state.start.batch(hasGap: true)
    }
    if state.feed == .times { return try timedChanges(after: known, state, limit: limit, by: deadline) }
    // Nobody recorded what changed before.
    guard known.epoch == state.epoch else { return state.start.batch(hasGap: true) }
    return try recordedChanges(after: known, state, limit: limit, by: deadline)
  }

  public func position(since time: UnixTime, by deadline: Deadline) throws(SourceError) -> String {
    let state = try changeState(by: deadline)
    let (product, isTooLarge) = time.seconds.multipliedReportingOverflow(by: 1_000_000)
    let moment = isTooLarge ? (time.seconds < 0 ? 0 : state.time) : min(max(product, 0), state.time)
    guard let nothing = ChangePosition.Snapshot(before: "1") else { return state.start.description }
    var position = ChangePosition(database: state.database, epoch: state.epoch, seen: nothing, time: moment)
    guard state.feed != .times else { return position.description }
    let last = try changeRows(of: .changeStart, [.int8(moment)], by: deadline) { row throws(PostgresFailure) in
      try row.text()
    }
    if let snapshot = last.first.flatMap({ ChangePosition.Snapshot(before: $0) }) {
      position.seen = snapshot
    } else {
      position.hasGap = moment < state.begun
    }
    return position.description
  }
}

extension ChangePosition {
  /// A batch that tells nothing.
  func batch(hasGap: Bool = false) -> ChangeBatch {
    ChangeBatch(changes: EntityChanges(), position: description, isLast: true, rows: 0, hasGap: hasGap)
  }
}

extension MusicBrainzDatabase {
  /// How many documents one change may concern before it is said to concern all of them. A label has that many releases,
  /// or a country.
  private static let mostDocuments: Int64 = 20_000

  /// The documents that seeds lead to.
  func documents(of seeds: ChangeSeeds, by deadline: Deadline) throws(SourceError) -> ChangeSeeds {
    var seeds = seeds
    guard seeds.hasKeys else { return seeds }
    let most = PostgresParameter.int8(MusicBrainzDatabase.mostDocuments)
    let leading: [ChangeSeeds.Kind] = [
      .medium, .track, .recording, .lengthOfRecording, .label, .area, .listingOfMedium, .discographyOfMedium,
      .discographyOfRecording,
    ]
    let listed = seeds.keys(.listingOfRecording)
    if !listed.isEmpty || leading.contains(where: { !seeds.keys($0).isEmpty }) {
      let found = try changeRows(
        of: .changeReleases, leading.map { .int8s(seeds.keys($0)) } + [most, .int8s(listed)], by: deadline,
        MusicBrainzDatabase.kindAndKey)
      for (kind, key) in found {
        if kind == .everything { seeds.isEverything = true } else { seeds.add(kind, key) }
      }
    }
    let kinds: [ChangeSeeds.Kind] = [
      .artist, .discographyOfArtist, .seriesOfArtist, .album, .discography, .seriesOfGroup, .release,
      .discographyOfRelease, .listing, .series, .url, .tag,
    ]
    let found = try changeRows(
      of: .changeEntities, kinds.map { .int8s(seeds.keys($0)) } + [.texts(seeds.genres.sorted()), most], by: deadline
    ) { row throws(PostgresFailure) in
      (kind: ChangeSeeds.Kind(rawValue: try row.text()), id: try row.uuid())
    }
    for (kind, id) in found {
      switch kind {
      case .artist: seeds.changes.artists.insert(id)
      case .discography: seeds.changes.discographies.insert(id)
      case .album: seeds.changes.albums.insert(id)
      case .series: seeds.changes.series.insert(id)
      default: seeds.isEverything = true
      }
    }
    return seeds
  }

  private static func kindAndKey(
    _ row: inout PostgresRow
  ) throws(PostgresFailure) -> (ChangeSeeds.Kind, Int64) {
    let kind = ChangeSeeds.Kind(rawValue: try row.text()) ?? .everything
    return (kind, Int64(try row.int()))
  }
}
