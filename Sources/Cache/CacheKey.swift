public import Core

/// The name of a document. Its text is safe in memcached's text protocol, where a space or a line end would be a
/// command: it has only words, colons, hyphens and hexadecimal digits.
public struct CacheKey: Hashable, Sendable {
  /// What a document is about. The code that makes documents declares their kinds in an `extension CacheKey.Kind`.
  public struct Kind: Hashable, Sendable {
    /// A part of every key and row: lower-case letters and hyphens, never used for anything else again.
    public let name: String
    /// How many parts a document of this kind has. A document with another number is a miss.
    public var parts: ClosedRange<Int>
    /// Whether it is kept in the tier that the pool shares.
    public var isHot = true
    /// Whether it is kept in the durable tier.
    public var isDurable = true
    /// What it is made from besides the settings, such as an index: see ``DocumentStore/watch(_:_:)``. When that
    /// changes, the document is computed again before it is served.
    public var origin: String?
    /// Whether it counts as revoked when an entity that it refers to is revoked or changes.
    public var followsReferences = false
    /// Whether it is such an entity.
    public var isEntity = false
    /// Whether it holds what a source or provider said, in a form that depends neither on settings nor on the program's
    /// version.
    public var isSource = false

    public init(_ name: String, parts: ClosedRange<Int> = 0...10_000) {
      self.name = name
      self.parts = parts
    }

    public static func == (left: Kind, right: Kind) -> Bool { left.name == right.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// A copy of this kind with what `declare` changes.
    public func with(_ declare: (inout Kind) -> Void) -> Kind {
      var kind = self
      declare(&kind)
      return kind
    }

    /// Whether it may be served only if what it was made from has not changed.
    var isDerived: Bool { origin != nil || followsReferences }
  }

  public let kind: Kind
  public let id: MBID

  public init(_ kind: Kind, _ id: MBID) {
    self.kind = kind
    self.id = id
  }

  /// A key for what has a name instead of an MBID: a hash of the name takes its place (FNV-1a, 128 bits). If others can
  /// choose the name, store the name as well, and compare it.
  public init(_ kind: Kind, named name: String) {
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for byte in name.utf8 { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
    self.init(kind, MBID(high: UInt64(truncatingIfNeeded: hash >> 64), low: UInt64(truncatingIfNeeded: hash)))
  }

  /// The text, behind a prefix that every deployment chooses.
  func text(prefix: String) -> String {
    // For every document of every answer: interpolation would take several times as long.
    var text: [UInt8] = []
    text.reserveCapacity(128)
    text.append(contentsOf: prefix.utf8)
    text.append(contentsOf: kind.name.utf8)
    text.append(UInt8(ascii: ":"))
    id.appendText(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// A name that may stand in a key: what memcached would take for a command is replaced.
  public static func safe(_ name: String) -> String {
    let safe = name.utf8.prefix(100).map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
        byte
      default: UInt8(ascii: "_")
      }
    }
    return String(decoding: safe, as: UTF8.self)
  }
}
