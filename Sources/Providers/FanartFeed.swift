public import Cache
public import Core
internal import HTTP
internal import Metadata
public import Settings

/// What fanart.tv says has changed lately.
///
/// It tells of a picture when somebody has added it, and shows it to us only days later. So two lists are compared: what
/// was added since as long ago, and what had been added when somebody last looked here.
public final class FanartFeed {
  struct Options {
    var apiKey: String
    var personalKey: String?
    var baseURL: String
    /// How long pictures are held back from our kind of key, in seconds.
    var delay: Int64
    /// How long its other answers are believed: what is older is asked for anyhow.
    var seconds: Int64
  }

  public let name = "fanart"
  public var kind: CacheKey.Kind { .fanart }
  private let options: Options
  private let client: ProviderClient
  private let service: HTTPService
  private let now: () -> UnixTime

  /// A user's own key sees pictures after two days, a project's after seven. The original waits for an eighth.
  static let (personalDelay, projectDelay): (Int64, Int64) = (172_800, 691_200)
  /// All artists that fanart.tv knows, twice over.
  private static let longestBody = 32 << 20
  private static let timeoutMilliseconds = 30_000

  /// - Returns: nil without a key.
  public convenience init?(_ settings: Settings, client: ProviderClient) {
    guard let key = settings.fanart.apiKey else { return nil }
    let personalKey = settings.fanart.personalKey?.value
    self.init(
      Options(
        apiKey: key.value, personalKey: personalKey, baseURL: settings.fanart.baseURL,
        delay: settings.fanart.publicationDelay.map { Int64($0) }
          ?? (personalKey == nil ? FanartFeed.projectDelay : FanartFeed.personalDelay),
        seconds: Int64(settings.ttl.fanart)), client: client)
  }

  init(_ options: Options, client: ProviderClient, now: @escaping () -> UnixTime = { .now }) {
    self.options = options
    self.client = client
    self.now = now
    service = HTTPService(
      origins: Set([Origin(of: options.baseURL)].compactMap(\.self)), connections: 1,
      timeoutMilliseconds: FanartFeed.timeoutMilliseconds, longestBody: FanartFeed.longestBody)
  }

  /// Artists whose pictures, or whose albums' pictures, are shown to us now and were not at the position before: the time
  /// that was looked up to.
  ///
  /// - Parameter position: nil for the first time, when all that is told is where to begin.
  public func changes(
    after position: String?, by deadline: Deadline
  ) throws(SourceError) -> (artists: Set<MBID>, position: String) {
    let now = now()
    guard let position else { return ([], "\(now.seconds)") }
    let oldest = now + -options.seconds
    // A clock that was set back asks for a little again.
    let last = min(max(Int64(position).map { UnixTime(seconds: $0) } ?? oldest, oldest), now)
    // The later list first: what is added between the two requests is then told too early, and not never.
    let unseen = options.delay == 0 ? [:] : try added(since: now + -options.delay, by: deadline)
    let all = try added(since: last + -options.delay, by: deadline)
    return (Set(all.filter { unseen[$0.key] != $0.value || $0.value == nil }.keys), "\(now.seconds)")
  }

  /// How many pictures each artist got; nil where that cannot be read.
  private func added(since time: UnixTime, by deadline: Deadline) throws(SourceError) -> [MBID: Int?] {
    guard let answer = client.ask(name, HTTPRequest(url(since: time)), service, by: deadline) else {
      throw SourceError(.unavailable, "fanart.tv: its latest pictures cannot be asked for now")
    }
    guard answer.status == 200, let json = JSONValue(answer.body), json.isNull || json.isArray else {
      throw SourceError(.failed, "fanart.tv: its latest pictures cannot be understood (status \(answer.status))")
    }
    var added: [MBID: Int?] = [:]
    for entry in json.elements {
      if let id = entry["id"].text.flatMap({ MBID($0) }) { added.updateValue(entry["new_images"].int, forKey: id) }
    }
    // Not a single one is no list of artists.
    if added.isEmpty, !json.elements.isEmpty {
      throw SourceError(.failed, "fanart.tv: its latest pictures cannot be understood")
    }
    return added
  }

  private func url(since time: UnixTime) -> String {
    let isPersonal = options.personalKey.map { "&client_key=\(URLText.encoded($0))" } ?? ""
    return "\(options.baseURL)/latest?api_key=\(URLText.encoded(options.apiKey))\(isPersonal)&date=\(time.seconds)"
  }
}
