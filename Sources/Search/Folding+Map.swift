extension Folding {
  /// Calls `body` with what a character counts as: one character, several or none.
  static func map(_ scalar: Unicode.Scalar, _ body: (Unicode.Scalar) -> Void) {
    let value = scalar.value
    if value < 0x80 {
      body((0x41...0x5a).contains(value) ? Unicode.Scalar(UInt8(truncatingIfNeeded: value + 0x20)) : scalar)
      return
    }
    guard let replacement = replacements[value] else {
      body(scalar)
      return
    }
    for scalar in replacement.unicodeScalars { body(scalar) }
  }

  /// The text in lower case and without the differences of Unicode's forms, but with its marks and signs: what has to be
  /// equal for two names to be the same to the eye.
  static func plain(_ text: String) -> String {
    String(text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }

  /// `Resources/folding.txt`, read once.
  private static let replacements: [UInt32: String] = {
    var result: [UInt32: String] = [:]
    result.reserveCapacity(11_000)
    let lines = PackageResources.folding_txt.split(separator: UInt8(ascii: "\n"))
    for line in lines where line.first != UInt8(ascii: "#") {
      let fields = line.split(separator: UInt8(ascii: " "))
      guard let first = fields.first, var code = UInt32(String(decoding: first, as: UTF8.self), radix: 16) else {
        continue
      }
      for field in fields.dropFirst() {
        let isNothing = field.count == 1 && field.first == UInt8(ascii: "~")
        result[code] = isNothing ? "" : String(decoding: field, as: UTF8.self)
        code += 1
      }
    }
    return result
  }()
}
