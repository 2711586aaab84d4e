/// What a web server sends, as bytes.
enum Records {
  /// A FastCGI record.
  static func record(_ type: UInt8, _ content: [UInt8], request: UInt8 = 1, padding: UInt8 = 0) -> [UInt8] {
    let length = content.count
    return [1, type, 0, request, UInt8(length >> 8), UInt8(length & 0xff), padding, 0] + content
      + [UInt8](repeating: 0, count: Int(padding))
  }

  static func pair(_ name: String, _ value: String) -> [UInt8] {
    [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
  }

  /// `FCGI_BEGIN_REQUEST` of a responder whose connection is kept.
  static let begin = record(1, [0, 1, 1, 0, 0, 0, 0, 0])
  static let endOfParameters = record(4, [])
  static let endOfBody = record(5, [])
  static let longValue: [UInt8] = [4, 0x80, 0, 1, 0x2c] + Array("NAME".utf8) + [UInt8](repeating: 65, count: 300)

  static func head(_ method: String, _ uri: String, _ more: [UInt8] = []) -> [UInt8] {
    begin + record(4, pair("REQUEST_METHOD", method) + pair("REQUEST_URI", uri) + more) + endOfParameters
  }

  static func post(_ uri: String, _ body: [UInt8], piece: Int = 65_528) -> [UInt8] {
    var bytes = head("POST", uri, pair("CONTENT_LENGTH", "\(body.count)"))
    for start in stride(from: 0, to: body.count, by: piece) {
      bytes += record(5, Array(body[start..<min(start + piece, body.count)]))
    }
    return bytes + endOfBody
  }

  /// Forty names that the application is asked for.
  static let getValues = record(9, (0..<40).flatMap { _ in pair("FCGI_MAX_CONNS", "") }, request: 0)

  /// What no body has in it, and libfcgi must not see.
  static let attacks: [(String, [UInt8])] = [
    ("four names asked for", record(9, (0..<4).flatMap { _ in pair("FCGI_MAX_CONNS", "") }, request: 0)),
    ("forty names asked for", getValues),
    ("a name of 2 GB asked for", record(9, [0xff, 0xff, 0xff, 0xff, 0], request: 0)),
    ("an unknown record of no request", record(77, [1, 2, 3], request: 0)),
    ("an unknown record", record(77, [1, 2, 3])),
    ("a second beginning", begin),
    ("another request's beginning", record(1, [0, 1, 1, 0, 0, 0, 0, 0], request: 2)),
    ("another request's body", record(5, [1, 2, 3], request: 2)),
    ("parameters behind their end", record(4, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
    ("data for a filter", record(8, [1, 2, 3])),
    ("the end of a request that was given up", record(2, [])),
    ("another version", [2] + record(5, [1]).dropFirst()),
    ("noise", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
  ]

  /// The standard output in what a web server receives, and whether the request was ended.
  static func answer(_ bytes: [UInt8]) -> (output: [UInt8], isEnded: Bool) {
    var output: [UInt8] = []
    var rest = bytes[...]
    while rest.count >= 8 {
      let start = rest.startIndex
      let length = Int(rest[start + 4]) << 8 | Int(rest[start + 5])
      guard rest.count >= 8 + length else { break }
      if rest[start + 1] == 6 { output += rest[(start + 8)..<(start + 8 + length)] }
      if rest[start + 1] == 3 { return (output, true) }
      rest = rest[(start + 8 + length + Int(rest[start + 6]))...]
    }
    return (output, false)
  }
}
