/// Which sites' pages may read answers (CORS), in the headers that `deploy/nginx/headers.conf.in` makes as well.
struct CrossOrigin {
  private let origins: [String]
  private let isOpen: Bool

  /// - Parameter origins: as `CORS_ORIGINS` has them: `*`, some origins, or none.
  init(origins: [String]) {
    self.origins = origins
    isOpen = origins.contains("*")
  }

  /// The header lines of an answer.
  ///
  /// - Parameters:
  ///   - origin: what the client says that its page is of.
  ///   - isPreflight: whether the request only asks what it may ask.
  func head(for origin: String?, isPreflight: Bool) -> String {
    if isOpen { return CrossOrigin.grant("*", isPreflight) }
    guard !origins.isEmpty else { return "" }
    // What is sent back is the text of the setting, never the client's.
    let granted = origin.flatMap { origin in origins.first { $0.isExactly(origin) } }
    return "Vary: Origin\r\n" + (granted.map { CrossOrigin.grant($0, isPreflight) } ?? "")
  }

  private static func grant(_ origin: String, _ isPreflight: Bool) -> String {
    "Access-Control-Allow-Origin: \(origin)\r\nAccess-Control-Expose-Headers: ETag, Retry-After\r\n"
      + (isPreflight ? preflight : "")
  }

  private static let preflight = """
    Access-Control-Allow-Methods: GET, HEAD, POST, OPTIONS\r
    Access-Control-Allow-Headers: Accept, Authorization, Content-Type, If-None-Match, X-Api-Key\r
    Access-Control-Max-Age: 86400\r\n
    """
}
