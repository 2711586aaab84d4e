/// Where errors are reported, and as whom: `https://KEY@HOST/PATH/PROJECT`.
public struct SentryDSN: Equatable, Sendable {
  public let key: String
  /// Where envelopes are posted.
  public let url: String

  /// - Returns: nil for what is none.
  public init?(_ text: String) {
    guard let scheme = text.firstRange(of: "://"), ["http", "https"].contains(text[..<scheme.lowerBound].lowercased())
    else { return nil }
    let rest = text[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
    guard let at = rest.firstIndex(of: "@"), let slash = rest.lastIndex(of: "/"), at < slash else { return nil }
    // Older ones have a secret behind the key, which nobody needs any more.
    let key = rest[..<at].prefix { $0 != ":" }
    let place = rest[rest.index(after: at)..<slash]
    let project = rest[rest.index(after: slash)...]
    guard !key.isEmpty, !place.isEmpty, !place.hasPrefix("/"), !project.isEmpty,
      [key, place, project].allSatisfy({
        $0.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"\"\\,@".utf8.contains($0) }
      })
    else { return nil }
    self.key = String(key)
    url = "\(text[..<scheme.lowerBound].lowercased())://\(place)/api/\(project)/envelope/"
  }
}
