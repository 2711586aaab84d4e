internal import Cache
internal import Core

/// How far a reader of changes has come, for each tier that can be away on its own.
///
/// The durable tier keeps its own bookmark. The shared tier does so as well: a server that comes back with what it had
/// comes back with its bookmark. One that comes back empty has lost the bookmark too; then the durable tier's copy of it
/// counts, which is never ahead.
struct Bookmarks {
  let name: String
  /// Where the durable tier is; nil while it is away, or where there is none.
  private(set) var durable: String?
  /// Where the shared tier is; nil where there is none.
  private(set) var shared: String?
  /// Whether the durable tier has had no bookmark: what it has from before, nobody has kept up with.
  private(set) var isFirst = false
  private var stored: (durable: String?, copy: String?) = (nil, nil)
  private let store: DocumentStore

  /// - Parameter begin: where to begin in a tier that has no bookmark.
  init(
    _ name: String, _ store: DocumentStore, begin: () throws(SourceError) -> String,
    whenAway note: (SourceError) -> Void
  ) throws(SourceError) {
    self.name = name
    self.store = store
    var isDurableThere = false
    if store.hasDurable {
      do throws(SourceError) {
        let found = try store.bookmarks([name, copyName])
        stored = (found[0], found[1])
        isDurableThere = true
      } catch {
        note(error)
      }
    }
    durable = stored.durable
    shared = store.hasOwnShared ? store.sharedBookmark(sharedName) ?? stored.copy : nil
    let isToBegin = (isDurableThere && durable == nil) || (store.hasOwnShared && shared == nil)
    guard isToBegin else { return }
    let first = try begin()
    if isDurableThere, durable == nil {
      durable = first
      isFirst = true
    }
    if store.hasOwnShared, shared == nil { shared = first }
  }

  private var copyName: String { "\(name).shared" }
  private var sharedName: String { name }

  /// The move of the durable tier's bookmark; nil when it is there already.
  func durableMove(to position: String) -> BookmarkMove? {
    position == stored.durable ? nil : BookmarkMove(name, from: stored.durable, to: position)
  }

  mutating func durableHasMoved(to position: String) {
    durable = position
    isFirst = false
    stored.durable = position
  }

  /// The durable tier has gone away meanwhile.
  mutating func durableIsAway() { durable = nil }

  mutating func moveShared(to position: String) {
    guard position != shared || store.sharedBookmark(sharedName) == nil else { return }
    shared = position
    store.moveSharedBookmark(sharedName, to: position)
  }

  /// Keeps a copy of the shared tier's bookmark. If that fails, the older copy is as good: what is revoked twice is
  /// only computed twice.
  mutating func copyShared() {
    guard let shared, durable != nil, shared != stored.copy else { return }
    let move = BookmarkMove(copyName, from: stored.copy, to: shared)
    if (try? store.revokeDurably([], moving: [move])) ?? false { stored.copy = shared }
  }

  /// Has both tiers hear again of all that is behind a position.
  mutating func goBack(to position: String) throws(SourceError) {
    if store.hasDurable {
      guard durable != nil else { throw SourceError(.unavailable, "the durable cache is away") }
      var moves = [BookmarkMove(name, from: stored.durable, to: position)]
      if store.hasOwnShared { moves.append(BookmarkMove(copyName, from: stored.copy, to: position)) }
      _ = try store.revokeDurably([], moving: moves)
      stored = (position, store.hasOwnShared ? position : nil)
      durable = position
    }
    if store.hasOwnShared {
      shared = position
      store.moveSharedBookmark(sharedName, to: position)
    }
  }
}
