public import Cache
public import Core
public import Metadata

/// Empties caches that stand between this server and its clients, such as a content delivery network.
public protocol Purging: AnyObject {
  /// Notes what is to be purged, so that it survives a restart. It is purged later.
  func purge(_ changes: EntityChanges) throws(SourceError)
}

/// Tells of changes sooner than a ``ChangeSource`` does, and of fewer: messages can be lost.
public protocol ChangeHints: AnyObject {
  /// What has been announced since the last time. Waits for something until the deadline, and is empty if nothing came.
  func next(by deadline: Deadline) throws(SourceError) -> EntityChanges

  /// Says that all that was handed out has taken effect, and need not be told again.
  func acknowledge() throws(SourceError)

  /// Tells whoever announces that this process is alive. To be called every few seconds while changes take effect.
  func beat()
}

extension ChangeHints {
  public func beat() {}
}

/// Tells whose pictures have changed at a provider.
public protocol PictureFeed: AnyObject {
  /// Names its bookmark: lower-case letters.
  var name: String { get }

  /// Under which kind of key the provider's answers are kept, one for each artist and album.
  var kind: CacheKey.Kind { get }

  /// Artists whose pictures, or whose albums' pictures, can be seen now and could not be seen at a position before.
  ///
  /// - Parameter position: nil for the first time, when all that is told is where to begin. What cannot be read is taken
  ///   for a very old one.
  func changes(
    after position: String?, by deadline: Deadline
  ) throws(SourceError) -> (artists: Set<MBID>, position: String)
}
