/// Takes out of texts what must be in no log and no report.
public enum Scrubbing {
  private static let mask = "********"
  private static let sensitive = ["key", "token", "secret", "passw", "auth", "sig", "dsn"]

  /// Masks the values of parameters that name a secret (`?api_key=…`), and users and passwords in URLs.
  public static func withoutSecrets(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(UInt8(ascii: "=")) || bytes.contains(UInt8(ascii: "@")) else { return text }
    var safe: [UInt8] = []
    safe.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: "://".utf8) {
        safe += Array("://".utf8)
        index += 3
        let end = bytes[index...].firstIndex { isEndOfAuthority($0) } ?? bytes.endIndex
        if let at = bytes[index..<end].lastIndex(of: UInt8(ascii: "@")) {
          safe += Array(mask.utf8)
          index = at
        }
        continue
      }
      if bytes[index] == UInt8(ascii: "="), isSensitive(nameBefore: index, in: bytes) {
        safe.append(bytes[index])
        index += 1
        let end = bytes[index...].firstIndex { isEndOfValue($0) } ?? bytes.endIndex
        if end > index { safe += Array(mask.utf8) }
        index = end
        continue
      }
      safe.append(bytes[index])
      index += 1
    }
    return String(decoding: safe, as: UTF8.self)
  }

  /// Masks addresses of machines and of people.
  public static func withoutAddresses(_ text: String) -> String {
    var safe = ""
    var rest = text[...]
    while !rest.isEmpty {
      let word = rest.prefix { !isAroundWords($0) }
      guard !word.isEmpty else {
        safe.append(rest.removeFirst())
        continue
      }
      rest = rest[word.endIndex...]
      // What stands behind it belongs to the sentence.
      var bare = word
      while let last = bare.last, last == ":" || last == "." { bare.removeLast() }
      safe += isAddress(bare) ? "<address>" : String(bare)
      safe += word[bare.endIndex...]
    }
    return safe
  }

  /// The text as a template: what differs from one occurrence of the same error to the next becomes `#`.
  static func template(_ text: String) -> String {
    var template = ""
    var word: [UInt8] = []
    func end() {
      let isNumber = word.contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      template += isNumber ? "#" : String(decoding: word, as: UTF8.self)
      word.removeAll(keepingCapacity: true)
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...,
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        word.append(byte)
      default:
        end()
        template.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    end()
    return template
  }

  private static func isEndOfAuthority(_ byte: UInt8) -> Bool {
    byte <= UInt8(ascii: " ") || "/?#\"'".utf8.contains(byte)
  }

  private static func isEndOfValue(_ byte: UInt8) -> Bool {
    byte <= UInt8(ascii: " ") || "&\"'<>,;)".utf8.contains(byte)
  }

  private static func isSensitive(nameBefore end: Int, in bytes: [UInt8]) -> Bool {
    let name = bytes[..<end].reversed().prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    let text = String(decoding: name.reversed(), as: UTF8.self).lowercased()
    // What signs somebody in is called so, and the number of an error as well.
    let isInQuery = bytes[..<end].dropLast(name.count).last.map { "?&".utf8.contains($0) } ?? false
    return sensitive.contains { text.contains($0) } || (isInQuery && text == "code")
  }

  private static func isAroundWords(_ character: Character) -> Bool {
    character.isWhitespace || "\"'()<>,;=/[]{}".contains(character)
  }

  private static func isAddress(_ word: Substring) -> Bool {
    if word.contains("@") { return true }
    let colons = word.count { $0 == ":" }
    let host = colons == 1 ? word.prefix { $0 != ":" } : word
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) { return true }
    // Nothing but hexadecimal digits and at least two colons: IPv6. A time of day has too few.
    return colons >= 2 && word.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
      && (word.contains("::") || colons == 7) && word.contains { $0.isHexDigit }
  }
}
