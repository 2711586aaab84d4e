extension Settings.MusicBrainz {
  /// Whether the web service is MusicBrainz' own, which everybody shares.
  public var isOfficialHost: Bool {
    guard let start = baseURL.firstRange(of: "://")?.upperBound else { return false }
    var host = baseURL[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != "\\" }
    if let user = host.lastIndex(of: "@") { host = host[host.index(after: user)...] }
    host = host.prefix { $0 != ":" }
    while host.last == "." { host.removeLast() }
    let name = host.lowercased()
    return name == "musicbrainz.org" || name.hasSuffix(".musicbrainz.org")
  }
}
