internal import Core

extension PostgresOptions {
  /// Reads `postgresql://user:password@host:port/database?sslmode=require`, each part but the scheme optional and
  /// percent-encoded.
  ///
  /// - Returns: nil for another scheme, a port that is none, or a parameter other than `sslmode`.
  public init?(url: String) {
    guard let scheme = url.firstRange(of: "://"), ["postgresql", "postgres"].contains(url[..<scheme.lowerBound]) else {
      return nil
    }
    let parts = url[scheme.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var sslMode = "prefer"
    for parameter in parts.dropFirst().flatMap({ $0.split(separator: "&") }) {
      guard parameter.hasPrefix("sslmode=") else { return nil }
      sslMode = String(parameter.dropFirst("sslmode=".count))
    }
    let rest = parts[0]
    let authority = rest.prefix { $0 != "/" }
    let at = authority.lastIndex(of: "@")
    let credentials = at.map { authority[..<$0].split(separator: ":", maxSplits: 1) } ?? []
    var host = at.map { authority[authority.index(after: $0)...] } ?? authority
    var port = 5432
    if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
      guard let number = Int(host[host.index(after: colon)...]), (1...65535).contains(number) else { return nil }
      port = number
      host = host[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    let database = rest.dropFirst(authority.count + 1)
    self.init(
      hosts: [host.isEmpty ? "localhost" : PercentEncoding.decoded(host[...])], ports: [port],
      database: PercentEncoding.decoded(database[...]),
      user: credentials.first.map { PercentEncoding.decoded($0) },
      password: credentials.count == 2 ? PercentEncoding.decoded(credentials[1]) : nil,
      sslMode: sslMode)
  }
}
