internal import Cache
internal import Core
internal import Metadata

/// Something that tells of changes, as the invalidator reads it: each has bookmarks of its own.
struct ChangeFeedReader {
  /// What was read behind a position.
  struct Reading {
    var changes: EntityChanges
    /// The documents to revoke.
    var documents: [CacheKey]
    /// Answers of providers, to be asked for again and used until then.
    var answers: [CacheKey] = []
    var position: String
    var isLast: Bool
    var rows = 0
    var oldest: UnixTime?
    var hasGap = false
  }

  /// Names its bookmarks.
  let name: String
  /// The position that tells of all changes since a moment.
  let begin: (UnixTime, Deadline) throws(SourceError) -> String
  /// What there is behind a position, of about so many rows.
  let read: (String, Int, Deadline) throws(SourceError) -> Reading
}

extension ChangeFeedReader {
  /// MusicBrainz.
  init(_ source: any ChangeSource, isDecorated: Bool) {
    self.init(name: Invalidator.musicBrainz) { time, deadline throws(SourceError) in
      try source.position(since: time, by: deadline)
    } read: { position, limit, deadline throws(SourceError) in
      let batch = try source.changes(after: position, limit: limit, by: deadline)
      return Reading(
        changes: batch.changes, documents: batch.changes.documents(isDecorated: isDecorated), position: batch.position,
        isLast: batch.isLast, rows: batch.rows, oldest: batch.oldest, hasGap: batch.hasGap)
    }
  }

  /// A provider of pictures. It cannot tell what changed since a moment: the first time it only tells where to begin.
  init(_ feed: any PictureFeed, _ keys: PictureKeys) {
    self.init(name: "pictures-\(feed.name)") { _, deadline throws(SourceError) in
      try feed.changes(after: nil, by: deadline).position
    } read: { position, _, deadline throws(SourceError) in
      let (artists, next) = try feed.changes(after: position, by: deadline)
      let all = keys.keys(of: artists, kept: feed.kind)
      var changes = EntityChanges()
      changes.artists = artists
      changes.albums = Set(all.filter { $0.kind == .album }.map(\.id))
      return Reading(
        changes: changes, documents: all.filter { $0.kind != feed.kind }, answers: all.filter { $0.kind == feed.kind },
        position: next, isLast: true, rows: artists.count)
    }
  }
}
