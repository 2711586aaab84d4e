public import Core

/// How the server is, for the first page.
public struct Overview: Sendable {
  /// Something that answers depend on.
  public struct Part: Sendable {
    public var name: String
    public var isUp: Bool
    public var detail: String
    public var advice: String?
    /// How long the look took; nil where there was none.
    public var microseconds: Int?
    public var since: UnixTime
    public var figures: [(name: String, number: Int)]

    public init(
      name: String, isUp: Bool, detail: String, advice: String? = nil, microseconds: Int? = nil, since: UnixTime,
      figures: [(name: String, number: Int)] = []
    ) {
      self.name = name
      self.isUp = isUp
      self.detail = detail
      self.advice = advice
      self.microseconds = microseconds
      self.since = since
      self.figures = figures
    }
  }

  public enum Whole: String, Sendable {
    case healthy, degraded, unhealthy
  }

  public var whole: Whole
  public var version: String
  /// What it was built from, if somebody says so.
  public var commit: String?
  /// The time of the last change from MusicBrainz, as ISO 8601; nil when that cannot be told.
  public var vintage: String?
  /// Where artists and albums come from, in words.
  public var source: String
  /// Since when this server serves; nil for a process that answers one request.
  public var since: UnixTime?
  public var now: UnixTime
  /// What a client would be told to ask, as the browser names it; nil when that cannot be told.
  public var address: String?
  /// nil for those who may not see the parts.
  public var parts: [Part]?
  public var figures: Figures?

  public init(
    whole: Whole, version: String, commit: String? = nil, vintage: String? = nil, source: String,
    since: UnixTime? = nil, now: UnixTime, address: String? = nil, parts: [Part]? = nil, figures: Figures? = nil
  ) {
    self.whole = whole
    self.version = version
    self.commit = commit
    self.vintage = vintage
    self.source = source
    self.since = since
    self.now = now
    self.address = address
    self.parts = parts
    self.figures = figures
  }
}
