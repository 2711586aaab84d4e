public import Core
public import Documents

/// The name of a document. Its text is safe in memcached's text protocol, where a space or a line end would be a
/// command: it is made of lower-case words, colons and hexadecimal digits only.
public struct CacheKey: Hashable, Sendable {
  /// What a document is about. Whoever makes documents declares their kinds: `extension CacheKey.Kind`.
  public struct Kind: Hashable, Sendable {
    /// A part of every key and row: lower-case letters and hyphens, never used for anything else again.
    public let name: String
    /// Whether settings decide what is in a document of this kind; if not, it outlives a change of them.
    public let dependsOnSettings: Bool
    /// Whether it is worth a place in the durable tier.
    public let isDurable: Bool

    public init(_ name: String, dependsOnSettings: Bool = false, isDurable: Bool = true) {
      self.name = name
      self.dependsOnSettings = dependsOnSettings
      self.isDurable = isDurable
    }

    public static func == (left: Kind, right: Kind) -> Bool { left.name == right.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
  }

  public let kind: Kind
  public let id: MBID

  public init(_ kind: Kind, _ id: MBID) {
    self.kind = kind
    self.id = id
  }

  /// A key for what has a name instead of an MBID: a hash of 128 bits takes its place (FNV-1a). Whoever keeps something
  /// under a name that others can choose must keep the name, too, and compare it.
  public init(_ kind: Kind, named name: String) {
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for byte in name.utf8 { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
    self.init(kind, MBID(high: UInt64(truncatingIfNeeded: hash >> 64), low: UInt64(truncatingIfNeeded: hash)))
  }

  /// The text under a prefix, which is made by ``prefix(namespace:generation:)``.
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

  /// The fingerprint of ``prefix(namespace:generation:)``, which also covers the layout of documents.
  public static func generationHash(_ generation: String) -> UInt32 {
    UInt32(truncatingIfNeeded: FNV.hash(generation.utf8, from: FNV.hash([Document.formatVersion])))
  }

  /// What all keys of one deployment begin with: its namespace, the layout of the documents, and a fingerprint of the
  /// settings that change what is in them, so that a changed setting never meets documents made under the old one.
  static func prefix(namespace: String, generation: String) -> String {
    "\(safe(namespace)):\(String(generationHash(generation), radix: 16)):"
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
