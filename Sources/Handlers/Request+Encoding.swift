extension Request {
  /// Whether the answer goes out as gzip.
  ///
  /// A web server that keeps answers has to know the encoding before it asks, because it is part of its key. Such a
  /// server decides, and says so in `LINERNOTES_ENCODING`. If both judged the client's header, the first difference of
  /// opinion would put gzip under the key of clients that cannot read it.
  static func wantsGzip(_ parameters: (StaticString) -> String?) -> Bool {
    switch parameters("LINERNOTES_ENCODING") {
    case "gzip": true
    case "plain": false
    default: parameters("HTTP_ACCEPT_ENCODING").map(admitsGzip) ?? false
    }
  }

  /// Whether `Accept-Encoding` admits gzip (RFC 9110, 12.5.3).
  ///
  /// A header that breaks the grammar admits nothing: every client can read plain text. The maps in
  /// `deploy/nginx/http.conf.in` follow the same rules, so that a client gets the same with and without them.
  static func admitsGzip(_ header: String) -> Bool {
    if header == "gzip" { return true }
    var gzip: Bool?
    var anything: Bool?
    for element in header.utf8.split(separator: UInt8(ascii: ",")) {
      let text = trimmed(element)
      if text.isEmpty { continue }
      guard let coding = Coding(text) else { return false }
      if coding.isGzip {
        gzip = (gzip ?? true) && coding.isAdmitted
      } else if coding.isWildcard {
        anything = (anything ?? true) && coding.isAdmitted
      }
    }
    return gzip ?? anything ?? false
  }

  /// Without the blanks around it.
  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// One element of the list: `codings [ OWS ";" OWS "q=" qvalue ]`.
  private struct Coding {
    var isGzip = false
    var isWildcard = false
    /// Its weight is not 0.
    var isAdmitted = true

    /// - Returns: nil where the grammar is broken.
    init?(_ text: Substring.UTF8View) {
      let semicolon = text.firstIndex(of: UInt8(ascii: ";"))
      let name = Request.trimmed(text[..<(semicolon ?? text.endIndex)])
      guard !name.isEmpty, name.allSatisfy(Coding.isTokenByte) else { return nil }
      let lowercase = String(Substring(name)).lowercased()
      // "A recipient SHOULD consider "x-gzip" to be equivalent to "gzip"" (8.4.1.3).
      isGzip = lowercase == "gzip" || lowercase == "x-gzip"
      isWildcard = lowercase == "*"
      guard let semicolon else { return }
      let weight = Request.trimmed(text[text.index(after: semicolon)...])
      guard weight.count > 2, weight.first.map({ $0 | 0x20 }) == UInt8(ascii: "q"),
        weight.dropFirst().first == UInt8(ascii: "="), let isPositive = Coding.isPositive(weight.dropFirst(2))
      else { return nil }
      isAdmitted = isPositive
    }

    /// Whether a qvalue is above 0; nil where it is none: `0` or `1`, and at most three decimals, which keep it within 1.
    private static func isPositive(_ value: Substring.UTF8View) -> Bool? {
      guard let whole = value.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1") else { return nil }
      let decimals = value.dropFirst(2)
      guard value.count == 1 || value.dropFirst().first == UInt8(ascii: "."), decimals.count <= 3 else { return nil }
      let zero = UInt8(ascii: "0")
      guard decimals.allSatisfy({ zero...UInt8(ascii: "9") ~= $0 }) else { return nil }
      let isFraction = decimals.contains { $0 != zero }
      if whole == zero { return isFraction }
      return isFraction ? nil : true
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
      case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
        UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        true
      default: false
      }
    }
  }
}
