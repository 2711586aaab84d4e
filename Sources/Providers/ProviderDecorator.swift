public import Cache
public import Core
public import HTTP
public import Logging
public import Metadata
public import Observe

/// All providers of pictures and overviews, as the catalogue sees them.
public final class ProviderDecorator: Decorator {
  let inquirer: Inquirer
  private let providers: ProviderList
  private let now: () -> UnixTime
  /// How long providers have kept the answer in hand waiting so far, and which one that is.
  private var spent: (began: UInt64, milliseconds: Int) = (0, 0)

  public init(
    _ providers: ProviderList, store: DocumentStore, fetcher: any HTTPFetcher, gate: Gate,
    activity: Activity = Activity(), logger: Logger, now: @escaping () -> UnixTime = { .now }
  ) {
    inquirer = Inquirer(
      providers.upstreams, store: store, fetcher: fetcher, gate: gate, activity: activity, logger: logger, now: now)
    self.providers = providers
    self.now = now
  }

  public func decorations(of artists: [Artist], by deadline: Deadline) -> [MBID: Decoration] {
    decorations(of: artists.map { Subject(kind: .artist, id: $0.id, links: $0.links) }, by: deadline)
  }

  public func decorations(of albums: [Album], by deadline: Deadline) -> [MBID: Decoration] {
    decorations(
      of: albums.map { Subject(kind: .album, id: $0.id, links: $0.links, releases: $0.releases) }, by: deadline)
  }

  public func answers(about artist: Artist) -> [CacheKey] {
    answers(about: Subject(kind: .artist, id: artist.id, links: artist.links))
  }

  public func answers(about album: Album) -> [CacheKey] {
    answers(about: Subject(kind: .album, id: album.id, links: album.links, releases: album.releases))
  }

  private func answers(about subject: Subject) -> [CacheKey] {
    inquirer.upstreams.compactMap { $0.question(about: subject)?.key }
  }

  private func decorations(of subjects: [Subject], by deadline: Deadline) -> [MBID: Decoration] {
    if spent.began != deadline.began { spent = (deadline.began, 0) }
    let patience =
      deadline.isAwaited ? providers.awaitedMilliseconds - spent.milliseconds : providers.unawaitedMilliseconds
    let deadline = deadline.orAfter(milliseconds: patience)
    let start = Deadline.monotonicNanoseconds()
    let allReplies = inquirer.ask(about: subjects, by: deadline)
    spent.milliseconds += Int((Deadline.monotonicNanoseconds() - start + 999_999) / 1_000_000)
    var decorations: [MBID: Decoration] = [:]
    for (subject, replies) in zip(subjects, allReplies) {
      decorations[subject.id] = ProviderDecorator.decoration(from: replies, isAwaited: deadline.isAwaited)
    }
    return decorations
  }

  /// Puts together what the providers say, the best first: of each kind the first picture, and the first overview.
  static func decoration(from replies: [Inquirer.Reply], isAwaited: Bool) -> Decoration {
    var decoration = Decoration()
    for reply in replies {
      decoration.addMissing(reply.finding.pictures)
      if decoration.overview.isEmpty { decoration.overview = reply.finding.overview }
      if let expires = reply.expires { decoration.expires = min(decoration.expires ?? expires, expires) }
      guard let shortfall = reply.shortfall else { continue }
      decoration.isComplete = false
      if isAwaited, shortfall == .timedOut || shortfall == .unavailable(isWorthProbing: true) {
        decoration.isWorthMoreTime = true
      }
    }
    return decoration
  }
}
