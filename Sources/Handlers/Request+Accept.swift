extension Request {
  /// Whether the client would rather have a page than JSON (`Accept`, RFC 9110, 12.5.1).
  ///
  /// Only a browser asks for pages: Lidarr sends no such header, and curl takes anything. Where both are as welcome, and
  /// where the header cannot be read, the answer is JSON.
  var prefersPage: Bool { visitor?.accept.map { Request.prefersPage($0) } ?? false }

  static func prefersPage(_ header: String) -> Bool {
    var page = Preference()
    var json = Preference()
    for element in header.utf8.split(separator: UInt8(ascii: ",")).prefix(100) {
      guard let range = MediaRange(element) else { continue }
      page.take(range, "text", "html")
      json.take(range, "application", "json")
    }
    return page.weight > json.weight
  }

  /// How welcome one type is: the range that names it most closely says so.
  private struct Preference {
    /// Thousandths.
    var weight = 0
    private var closeness = 0

    mutating func take(_ range: MediaRange, _ type: String, _ subtype: String) {
      let matches = (range.type == "*" && range.subtype == "*") || range.type == type
      guard matches, range.subtype == "*" || range.subtype == subtype else { return }
      let closeness = range.type == "*" ? 1 : range.subtype == "*" ? 2 : 3
      guard closeness >= self.closeness else { return }
      weight = closeness == self.closeness ? max(weight, range.weight) : range.weight
      self.closeness = closeness
    }
  }

  /// One element of the list: `type/subtype;parameter=value;q=0.8`.
  private struct MediaRange {
    let type: String
    let subtype: String
    var weight = 1_000

    /// - Returns: nil where the grammar is broken.
    init?(_ text: Substring.UTF8View) {
      let parts = text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(MediaRange.trimmed)
      guard let range = parts.first, range.count <= 200 else { return nil }
      let names = range.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard names.count == 2, names.allSatisfy({ !$0.isEmpty }) else { return nil }
      type = String(Substring(names[0])).lowercased()
      subtype = String(Substring(names[1])).lowercased()
      for parameter in parts.dropFirst() where parameter.first.map({ $0 | 0x20 }) == UInt8(ascii: "q") {
        let rest = MediaRange.trimmed(parameter.dropFirst())
        guard rest.first == UInt8(ascii: "=") else { continue }
        guard let weight = MediaRange.thousandths(MediaRange.trimmed(rest.dropFirst())) else { return nil }
        self.weight = weight
      }
    }

    /// `0`, `1`, `0.8`, `0.875`
    private static func thousandths(_ text: Substring.UTF8View) -> Int? {
      guard let whole = text.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1"), text.count <= 5 else {
        return nil
      }
      guard text.count == 1 || text.dropFirst().first == UInt8(ascii: ".") else { return nil }
      var weight = whole == UInt8(ascii: "1") ? 1_000 : 0
      var place = 100
      for byte in text.dropFirst(2) {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        weight += Int(byte - UInt8(ascii: "0")) * place
        place /= 10
      }
      return weight <= 1_000 ? weight : nil
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
      let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
      var text = text.drop(while: isBlank)
      while let last = text.last, isBlank(last) { text.removeLast() }
      return text
    }
  }
}
