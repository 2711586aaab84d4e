/// What the API calls the type of a link: the name of the site, taken from the URL.
enum Link {
  /// The second-level domain name: `spotify` of `https://open.spotify.com/…`. Where that is a `co`, as in `co.uk`, the
  /// one before it: `bbc`. A host of one word is its own name.
  static func site(of url: String) -> String {
    let host = host(of: url)
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2 else { return String(host) }
    if labels[labels.count - 2] != "co" { return String(labels[labels.count - 2]) }
    return labels.count >= 3 ? String(labels[labels.count - 3]) : String(host)
  }

  private static func host(of url: String) -> Substring {
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    return parts.count >= 3 ? parts[2] : Substring(url)
  }
}
