import Testing

@testable import Gateway

@Suite struct RecordGuardTests {
  /// A FastCGI record; the length can be claimed to be another.
  static func record(_ type: UInt8, _ content: [UInt8], request: UInt8 = 1, length: Int? = nil, padding: UInt8 = 0)
    -> [UInt8]
  {
    let length = length ?? content.count
    return [1, type, 0, request, UInt8(length >> 8), UInt8(length & 0xff), padding, 0] + content
      + [UInt8](repeating: 0, count: Int(padding))
  }

  static func pair(_ name: String, _ value: String) -> [UInt8] {
    [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
  }

  static let begin = record(1, [0, 1, 1, 0, 0, 0, 0, 0])
  static let end = record(4, [])
  static let longValue: [UInt8] = [4, 0x80, 0, 1, 0x2c] + Array("NAME".utf8) + [UInt8](repeating: 65, count: 300)

  func verdict(_ bytes: [UInt8]) -> RecordGuard.Verdict {
    bytes.withUnsafeBytes { RecordGuard.verdict(on: $0) }
  }

  static let requests: [[UInt8]] = [
    begin + record(4, pair("REQUEST_METHOD", "GET")) + end,
    begin + record(4, pair("A", "") + pair("", "")) + end + record(5, []),
    begin + record(4, longValue, padding: 7) + record(4, [], padding: 3),
    begin + record(4, Array(longValue[..<3])) + record(4, Array(longValue[3...])) + end,
    begin + end,
  ]

  @Test(arguments: requests)
  func `a whole request is let through, and everything shorter must wait`(bytes: [UInt8]) {
    #expect(verdict(bytes) == .complete)
    let parametersEnd = bytes.count - (bytes.suffix(8) == Self.record(5, []) ? 8 : 0)
    for length in 0..<parametersEnd { #expect(verdict(Array(bytes[..<length])) == .incomplete) }
  }

  static let malformed: [(String, [UInt8])] = [
    ("another version", [2] + begin.dropFirst()),
    ("parameters before the beginning", record(4, pair("A", "B"))),
    ("no request id", record(1, [0, 1, 0, 0, 0, 0, 0, 0], request: 0)),
    ("a beginning of another length", record(1, [0, 1, 0, 0])),
    ("an authorizer", record(1, [0, 2, 0, 0, 0, 0, 0, 0])),
    ("management", record(9, pair("FCGI_MAX_CONNS", ""), request: 0)),
    ("another request's parameters", begin + record(4, pair("A", "B"), request: 2)),
    ("a body before the end of the parameters", begin + record(5, [1, 2])),
    ("a second beginning", begin + begin),
    ("a name of 2 GB", begin + record(4, [0xff, 0xff, 0xff, 0xfe, 0])),
    ("a value of 2 GB", begin + record(4, [1, 0xff, 0xff, 0xff, 0xfe, 65])),
    ("a pair cut off by the end", begin + record(4, [5, 5, 65]) + end),
    ("a length cut off by the end", begin + record(4, [0x80, 0]) + end),
    ("HTTP", Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
  ]

  @Test(arguments: malformed)
  func `anything else is turned away`(name: String, bytes: [UInt8]) {
    #expect(verdict(bytes) == .malformed, "\(name)")
  }

  @Test func `parameters without end are turned away`() {
    var bytes = Self.begin
    while bytes.count < RecordGuard.longestRequest { bytes += Self.record(4, Self.longValue) }
    #expect(verdict(bytes) == .malformed)
  }

  @Test func `noise is never taken for a request and never crashes`() {
    for _ in 0..<20_000 {
      var bytes = Self.begin + Self.record(4, Self.longValue) + Self.end
      for _ in 0..<Int.random(in: 1...6) { bytes[Int.random(in: 0..<bytes.count)] = .random(in: .min ... .max) }
      _ = verdict(bytes)
    }
  }
}
