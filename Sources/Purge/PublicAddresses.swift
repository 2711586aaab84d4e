internal import HTTP

/// The URLs that answers have for whoever stands in front of the server: every route answers under several roots.
public struct PublicAddresses: Sendable {
  /// What is before the path of a route, without a slash at the end.
  let bases: [String]

  private static let clientsRoot = "/api/v0.4"

  /// - Parameters:
  ///   - base: what the URLs begin with. A root at its end is taken for one of the roots.
  ///   - applicationRoot: the root besides none and Lidarr's own.
  /// - Returns: nil when that is no URL.
  public init?(base: String, applicationRoot: String) {
    guard let origin = Origin(of: base), !base.contains("?"), !base.contains("#") else { return nil }
    var roots = ["", PublicAddresses.clientsRoot]
    let own = PublicAddresses.trimmed(applicationRoot)
    if !own.isEmpty, !roots.contains("/\(own)") { roots.append("/\(own)") }
    var start = Substring(base)
    while start.hasSuffix("/") { start = start.dropLast() }
    for root in roots.sorted(by: { $0.utf8.count > $1.utf8.count }) where !root.isEmpty && start.hasSuffix(root) {
      start = start.dropLast(root.count)
      break
    }
    guard start.utf8.count > (origin.isSecure ? "https://" : "http://").utf8.count else { return nil }
    bases = roots.map { start + $0 }
  }

  /// All URLs of a route.
  func urls(of path: String) -> [String] { bases.map { "\($0)/\(path)" } }

  /// The same as `host/path`.
  func prefixes(of path: String) -> [String] {
    urls(of: path).compactMap { url in
      url.firstRange(of: "://").map { String(url[$0.upperBound...]) }
    }
  }

  private static func trimmed(_ root: String) -> String {
    root.split(separator: "/").joined(separator: "/")
  }
}
