/// What the error tracker says about how much it wants.
enum SentryLimits {
  /// Where it says nothing more.
  static let standardSeconds: Int64 = 60
  private static let longestSeconds: Int64 = 86_400

  /// For how long it wants no errors, in seconds; 0: it takes them.
  ///
  /// - Parameters:
  ///   - header: `X-Sentry-Rate-Limits`, which any answer may have: `60:error;transaction:key, 2700::organization`.
  ///   - retryAfter: seconds.
  static func pause(status: Int, header: String?, retryAfter: Int?) -> Int64 {
    if let header {
      // 0 for what is not about errors.
      let limits = header.utf8.split(separator: UInt8(ascii: ",")).compactMap { limit -> Int64? in
        let parts = String(Substring(limit)).split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first, let seconds = Double(first.filter { $0 != " " }), seconds > 0 else { return nil }
        let categories = parts.count > 1 ? parts[1].split(separator: ";").map { $0.filter { $0 != " " } } : []
        guard categories.isEmpty || categories.contains("error") || categories.contains("default") else { return 0 }
        return Int64(min(seconds.rounded(.up), Double(longestSeconds)))
      }
      if let longest = limits.max() { return longest }
    }
    guard status == 429 else { return 0 }
    return min(max(1, retryAfter.map(Int64.init) ?? standardSeconds), longestSeconds)
  }
}
