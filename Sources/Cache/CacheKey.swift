public import Core

/// The name of a document. Its text is safe in memcached's text protocol, where a space or a line end would be a
/// command: it is made of lower-case words, colons and hexadecimal digits only.
public struct CacheKey: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case artist
    case artistAlbums = "artist-albums"
    case album
  }

  public let kind: Kind
  public let id: MBID

  public init(_ kind: Kind, _ id: MBID) {
    self.kind = kind
    self.id = id
  }

  /// The text under a prefix, which is made by ``prefix(namespace:generation:)``.
  func text(prefix: String) -> String { "\(prefix)\(kind.rawValue):\(id)" }

  /// The fingerprint of ``prefix(namespace:generation:)``, which also covers the layout of documents.
  static func generationHash(_ generation: String) -> UInt32 {
    UInt32(truncatingIfNeeded: FNV.hash(generation.utf8, from: FNV.hash([Document.formatVersion])))
  }

  /// What all keys of one deployment begin with: its namespace, the layout of the documents, and a fingerprint of the
  /// settings that change what is in them, so that a changed setting never meets documents made under the old one.
  static func prefix(namespace: String, generation: String) -> String {
    let safe = namespace.utf8.map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
        byte
      default: UInt8(ascii: "_")
      }
    }
    let hash = generationHash(generation)
    let name = String(decoding: safe.prefix(100), as: UTF8.self)
    return "\(name):\(String(hash, radix: 16)):"
  }
}
