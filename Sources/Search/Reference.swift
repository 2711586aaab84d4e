public import Core

/// What somebody has pasted instead of typing a name: an id, or the address of a page.
public enum Reference: Equatable, Sendable {
  case id(MBID)
  /// The spellings in which MusicBrainz may have the address.
  case page([String])
  /// It says that it is an id, but is none.
  case malformed

  /// - Returns: nil for what is a name.
  public init?(_ text: String) {
    let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let lower = text.lowercased()
    for prefix in ["lidarr:", "lidarrid:", "mbid:"] where lower.hasPrefix(prefix) {
      let rest = text.dropFirst(prefix.count).drop { $0 == " " }
      self = MBID(rest).map(Reference.id) ?? .malformed
      return
    }
    if text.utf8.count == 36, let id = MBID(text) {
      self = .id(id)
    } else if let page = Reference.page(text, lower) {
      self = page
    } else {
      return nil
    }
  }

  private static func page(_ text: String, _ lower: String) -> Reference? {
    if lower.hasPrefix("spotify:"), !text.utf8.contains(UInt8(ascii: " ")) {
      let parts = text.split(separator: ":")
      return parts.count == 3 ? spotify(String(parts[1]).lowercased(), String(parts[2])) : nil
    }
    var rest = text[...]
    for scheme in ["https://", "http://"] where lower.hasPrefix(scheme) { rest = text.dropFirst(scheme.count) }
    let isAddress = rest.count < text.count
    rest = rest.prefix { $0 != "?" && $0 != "#" }
    let segments = rest.split(separator: "/").map(String.init)
    guard segments.count >= 2, !rest.utf8.contains(UInt8(ascii: " ")) else { return nil }
    var host = segments[0].lowercased()[...]
    if host.hasPrefix("www.") { host = host.dropFirst(4) }
    switch host {
    case "musicbrainz.org", "beta.musicbrainz.org", "listenbrainz.org":
      return segments.dropFirst().lazy.compactMap { MBID($0) }.first.map(Reference.id) ?? .malformed
    case "open.spotify.com", "play.spotify.com":
      // https://open.spotify.com/intl-de/artist/…
      let path = segments.dropFirst().drop { $0.hasPrefix("intl-") }
      guard path.count >= 2, let kind = path.first, let id = path.dropFirst().first else { return .malformed }
      return spotify(kind.lowercased(), id)
    default:
      guard isAddress else { return nil }
      let path = segments.dropFirst().joined(separator: "/")
      return .page(
        ["https://", "http://"].flatMap { scheme in
          ["", "www."].flatMap { www in ["", "/"].map { "\(scheme)\(www)\(host)/\(path)\($0)" } }
        })
    }
  }

  private static func spotify(_ kind: String, _ id: String) -> Reference {
    .page(["https://open.spotify.com/\(kind)/\(id)", "http://open.spotify.com/\(kind)/\(id)"])
  }
}
