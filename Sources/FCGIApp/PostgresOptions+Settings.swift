internal import Core
internal import Postgres
internal import Settings

extension PostgresOptions {
  init(_ database: Settings.Database) {
    self.init(
      hosts: database.hosts, ports: database.ports, database: database.name, user: database.user,
      password: database.password?.value, targetSessionAttributes: database.targetSessionAttributes.rawValue,
      sslMode: database.sslMode.rawValue, connectTimeoutMilliseconds: database.connectTimeoutMilliseconds,
      commandTimeoutMilliseconds: database.commandTimeoutMilliseconds)
  }

  /// The durable cache, where it is in PostgreSQL; else nil.
  init?(_ cache: Settings.DurableCache) {
    guard let address = PostgresAddress(cache.url?.value ?? "postgresql://") else { return nil }
    guard let host = cache.host ?? address.host, let name = cache.name ?? address.database else { return nil }
    self.init(
      hosts: [host], ports: [cache.port ?? address.port ?? 5432], database: name, user: cache.user ?? address.user,
      password: cache.password?.value ?? address.password)
  }
}

/// The parts of `postgresql://user:password@host:port/database`.
struct PostgresAddress: Equatable {
  var host: String?
  var port: Int?
  var database: String?
  var user: String?
  var password: String?

  /// - Returns: nil for another kind of URL.
  init?(_ url: String) {
    guard let scheme = ["postgresql://", "postgres://"].first(where: url.hasPrefix) else { return nil }
    let rest = url.dropFirst(scheme.count).prefix { $0 != "?" }
    let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var authority = parts.first ?? ""
    if parts.count > 1, !parts[1].isEmpty { database = PostgresAddress.decoded(parts[1]) }
    if let at = authority.lastIndex(of: "@") {
      let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = credentials.first.map(PostgresAddress.decoded)
      if credentials.count > 1 { password = PostgresAddress.decoded(credentials[1]) }
      authority = authority[authority.index(after: at)...]
    }
    let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
    if let colon = authority[afterBracket...].lastIndex(of: ":") {
      port = Int(authority[authority.index(after: colon)...])
      authority = authority[..<colon]
    }
    if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
    if !authority.isEmpty { host = PostgresAddress.decoded(authority) }
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2).compactMap(ASCII.hexValue)
      if byte == UInt8(ascii: "%"), digits.count == 2 {
        bytes.append(digits[0] << 4 | digits[1])
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
