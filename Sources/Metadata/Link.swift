/// What the API calls the type of a link: the name of the site, taken from the URL.
enum Link {
  /// The label that somebody has registered: `spotify` of `https://open.spotify.com/…`, `bbc` of
  /// `https://www.bbc.co.uk/…`. A host of one word is its own name; an address is called by its last part but one.
  static func site(of url: String) -> String {
    let host = host(of: url)
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2 else { return String(host) }
    guard !labels.contains(""), !isAddress(labels) else { return String(labels[labels.count - 2]) }
    // Nobody has registered a public suffix itself.
    let suffix = min(PublicSuffixes.labelCount(of: labels), labels.count - 1)
    let site = labels.count - 1 - suffix
    // Some sell names under a `co` of their own, as in `co.de`.
    return String(labels[site] == "co" && site > 0 ? labels[site - 1] : labels[site])
  }

  /// In lower case, without user and port and the dot that may end it.
  private static func host(of url: String) -> Substring {
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3 else { return Substring(url) }
    var host = parts[2].prefix { $0 != "?" && $0 != "#" }
    if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
    if host.first != "[" { host = host.prefix { $0 != ":" } }
    if host.last == "." { host.removeLast() }
    return host.lowercased()[...]
  }

  private static func isAddress(_ labels: [Substring]) -> Bool {
    labels.count == 4 && labels.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
