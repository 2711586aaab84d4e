import Core
import Foundation

/// What inputs are made from.
enum Corpus {
  /// The recorded answers of providers whose file names begin so; long lists cut, so that inputs are short.
  static func bodies(_ prefixes: String...) throws -> [[UInt8]] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../ProvidersTests/Bodies")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let bodies = try names.filter { name in prefixes.contains { name.hasPrefix($0) } && !name.hasSuffix(".md") }.map {
      name in
      let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
      return JSONValue(bytes).map { $0.shortened.written } ?? bytes
    }
    guard !bodies.isEmpty else { throw Fault("no recorded answer of \(prefixes)") }
    return bodies
  }

  static func texts(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  static let ids = [
    "472bc127-8861-45e8-bc9e-31e8dd32de7a", "1946a82a-f927-40c2-8235-38d64f50d043",
    "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6", "{472BC127-8861-45E8-BC9E-31E8DD32DE7A}",
    "472bc127886145e8bc9e31e8dd32de7a",
  ]

  /// What people type.
  static let names = texts(
    "The Beatles", "Beatles, The", "Mötley Crüe", "AC/DC", "Simon & Garfunkel", "P!nk", "Ke$ha", "!!!", "+", "宇多田ヒカル",
    "방탄소년단", "Земфира", "A.B.C.", "Guns N' Roses", "Greatest Hits, Vol. 2 (Deluxe)", "1 2 3 4 5", "blind melon soup",
    "don’t look back in anger", "\"Heroes\"", "the the", "a-ha", "Sigur Rós ( )",
    "lidarr:472bc127-8861-45e8-bc9e-31e8dd32de7a",
    "https://musicbrainz.org/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a",
    "https://open.spotify.com/intl-de/artist/0sNOF9WDwhWunNAHPD3Baj?si=x", "spotify:album:0sNOF9WDwhWunNAHPD3Baj",
    "www.discogs.com/artist/1", "ﬁlﬂoﬃ", "か\u{3099}は\u{309a}", "\u{1100}\u{1161}\u{11a8}")
}
