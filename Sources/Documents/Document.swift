public import Core

/// What the cache holds under a key: JSON that was computed once, as fragments ready to be sent; or the knowledge that
/// there is nothing, or that it has moved.
public struct Document: Sendable {
  public enum State: Equatable, Sendable {
    case present
    /// The source said that it does not exist.
    case absent
    /// MusicBrainz has merged it into another.
    case moved(to: MBID)
    /// There is none: see ``Document/revocation``.
    case revoked
    /// A note in a cache: the slower tiers have nothing newer than the file that is served from.
    case deferred
  }

  public struct Part: Sendable {
    /// What an answer may select the part by; empty if every answer takes it.
    public let label: [UInt8]
    public let fragment: Fragment

    public init(label: [UInt8] = [], _ fragment: Fragment) {
      self.label = label
      self.fragment = fragment
    }
  }

  public let state: State
  /// From here on it is stale: still served, and computed again after the answer. 0 when it has been revoked.
  public var expires: UnixTime
  /// When it was computed, by the clock of the host that did.
  public var made = UnixTime(seconds: 0)
  /// When its source said what it shows. Never later than `made`: a document may be made from what was kept. 0 when
  /// that is not known.
  public var said = UnixTime(seconds: 0)
  /// What is left out of it; nil when it is whole. Only documents of a file are cut, and no tier stores this.
  public var cut: Cut?
  /// Tells documents apart that were made under other settings, by another version of the program, or from another
  /// state of what they were made from.
  public var stamp: UInt64 = 0
  /// Documents that an answer with this one needs as well; each once.
  public let references: [MBID]
  public let parts: [Part]

  /// That `images` and `overview` are to be put in before a document is sent.
  public struct Cut: Equatable, Sendable {
    /// The entity, whose id the document was asked for under may be another when it was merged.
    public var id: MBID
    /// What the one who makes them has to know and the document does not tell.
    public var note: [UInt8]

    public init(id: MBID, note: [UInt8] = []) {
      self.id = id
      self.note = note
    }
  }

  public init(parts: [Part], references: [MBID] = [], expires: UnixTime) {
    self.init(state: .present, expires: expires, references: references, parts: parts)
  }

  public static func absent(expires: UnixTime) -> Document {
    Document(state: .absent, expires: expires, references: [], parts: [])
  }

  public static func moved(to id: MBID, expires: UnixTime) -> Document {
    Document(state: .moved(to: id), expires: expires, references: [id], parts: [])
  }

  /// Stands in the place of a document that was revoked before there was one. It has no content; it keeps computations
  /// that began before the revocation from storing their results.
  public static let revocation = Document(state: .revoked, expires: UnixTime(seconds: 0), references: [], parts: [])

  /// Says that the slower tiers have nothing newer than the file that this stamp is of.
  public static func deferred(stamp: UInt64, expires: UnixTime) -> Document {
    var document = Document(state: .deferred, expires: expires, references: [], parts: [])
    document.stamp = stamp
    return document
  }

  init(state: State, expires: UnixTime, references: [MBID], parts: [Part]) {
    self.state = state
    self.expires = expires
    self.references = references
    self.parts = parts
  }

  /// A hash of what is in it: parts, labels and references, but not how long it is believed.
  public var fingerprint: UInt64 {
    var hash = FNV.hash([stateCode])
    for reference in references { hash = FNV.combine(FNV.combine(hash, reference.high), reference.low) }
    for part in parts { hash = FNV.combine(FNV.hash(part.label, from: hash), part.fragment.hash) }
    return hash
  }

  /// Whether it has been revoked: it is computed anew before it is served, and served if that fails.
  public var isRevoked: Bool { expires.seconds == 0 }

  /// Whether it has expired, or was made in the future: then a clock has been set back, and by that clock the document
  /// might stay fresh for years.
  public func isStale(at now: UnixTime) -> Bool { expires <= now || made > now + Document.toleratedSkew }

  /// By how much the clocks of several hosts may differ, in seconds.
  private static let toleratedSkew: Int64 = 300
}
