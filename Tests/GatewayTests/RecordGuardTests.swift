import Testing

@testable import Gateway

@Suite struct RecordGuardTests {
  /// What a guard has made of some bytes.
  struct Reading: Equatable {
    /// How long the head is, once it has ended.
    var head: Int?
    var body: [UInt8] = []
    /// What the last bytes were.
    var last = RecordGuard.Step.framing
    var length = 0
  }

  /// Shows bytes to a guard until it has seen enough.
  ///
  /// - Parameter piece: how long the next piece is.
  static func read(_ bytes: [UInt8], piece: () -> Int = { .max }) -> Reading {
    var records = RecordGuard()
    var reading = Reading()
    bytes.withUnsafeBytes { bytes in
      while reading.length < bytes.count, reading.last != .malformed, reading.last != .endOfBody {
        let end = reading.length + min(max(1, piece()), bytes.count - reading.length)
        let (length, step) = records.next(
          UnsafeRawBufferPointer(rebasing: bytes[reading.length..<end]), longestContent: max(1, piece()))
        precondition(length > 0 && reading.length + length <= end)
        if step == .content { reading.body += bytes[reading.length..<(reading.length + length)] }
        reading.length += length
        if step == .endOfHead { reading.head = reading.length }
        reading.last = step
      }
    }
    return reading
  }

  static let heads: [[UInt8]] = [
    Records.head("GET", "/"),
    Records.begin + Records.record(4, Records.pair("A", "") + Records.pair("", "")) + Records.endOfParameters,
    Records.begin + Records.record(4, Records.longValue, padding: 7) + Records.record(4, [], padding: 3),
    Records.begin + Records.record(4, Array(Records.longValue[..<3]))
      + Records.record(4, Array(Records.longValue[3...])) + Records.endOfParameters,
    Records.begin + Records.endOfParameters,
  ]

  @Test(arguments: heads)
  func `a whole head is let through, and everything shorter must wait`(bytes: [UInt8]) {
    let reading = Self.read(bytes)
    #expect(reading.last == .endOfHead && reading.head == bytes.count)
    for length in 0..<bytes.count { #expect(Self.read(Array(bytes[..<length])).last == .framing) }
    #expect(Self.read(bytes, piece: { 1 }) == reading)
  }

  static let bodies: [([UInt8], [UInt8])] = [
    (Records.endOfBody, []),
    (Records.record(5, [], padding: 8), []),
    (Records.record(5, [1, 2, 3]) + Records.endOfBody, [1, 2, 3]),
    (Records.record(5, [1], padding: 255) + Records.record(5, [2, 3]) + Records.endOfBody, [1, 2, 3]),
    (Records.record(5, Array(repeating: 7, count: 65_535)) + Records.endOfBody, Array(repeating: 7, count: 65_535)),
  ]

  @Test(arguments: bodies)
  func `a body comes in records of any length and ends with one without content`(bytes: [UInt8], body: [UInt8]) {
    let reading = Self.read(Self.heads[0] + bytes)
    #expect(reading.last == .endOfBody && reading.body == body && reading.head == Self.heads[0].count)
    #expect(Self.read(Self.heads[0] + bytes, piece: { 1 }) == reading)
    #expect(Self.read(Self.heads[0] + bytes.dropLast()).last != .endOfBody)
  }

  static let malformed: [(String, [UInt8])] = [
    ("another version", [2] + Records.begin.dropFirst()),
    ("parameters before the beginning", Records.record(4, Records.pair("A", "B"))),
    ("no request id", Records.record(1, [0, 1, 0, 0, 0, 0, 0, 0], request: 0)),
    ("a beginning of another length", Records.record(1, [0, 1, 0, 0])),
    ("an authorizer", Records.record(1, [0, 2, 0, 0, 0, 0, 0, 0])),
    ("management", Records.getValues),
    ("management within the head", Records.begin + Records.getValues),
    ("a request that is given up within the head", Records.begin + Records.record(2, [])),
    ("another request's parameters", Records.begin + Records.record(4, Records.pair("A", "B"), request: 2)),
    ("a body before the end of the parameters", Records.begin + Records.record(5, [1, 2])),
    ("a second beginning", Records.begin + Records.begin),
    ("a name of 2 GB", Records.begin + Records.record(4, [0xff, 0xff, 0xff, 0xfe, 0])),
    ("a value of 2 GB", Records.begin + Records.record(4, [1, 0xff, 0xff, 0xff, 0xfe, 65])),
    ("a pair cut off by the end", Records.begin + Records.record(4, [5, 5, 65]) + Records.endOfParameters),
    ("a length cut off by the end", Records.begin + Records.record(4, [0x80, 0]) + Records.endOfParameters),
    ("HTTP", Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
  ]

  @Test(arguments: malformed)
  func `anything else is turned away`(name: String, bytes: [UInt8]) {
    #expect(Self.read(bytes).last == .malformed, "\(name)")
    #expect(Self.read(bytes, piece: { 1 }).last == .malformed, "\(name)")
  }

  @Test(arguments: Records.attacks)
  func `nothing but a body is let through behind the head`(name: String, bytes: [UInt8]) {
    let body = Records.record(5, [1, 2, 3])
    for before in [[], body] {
      let reading = Self.read(Self.heads[0] + before + bytes)
      #expect(reading.last == .malformed && reading.head == Self.heads[0].count, "\(name)")
      #expect(reading.length <= Self.heads[0].count + before.count + 8, "\(name): only its header is looked at")
    }
  }

  @Test func `parameters without end are turned away`() {
    var bytes = Records.begin
    while bytes.count < RecordGuard.longestHead { bytes += Records.record(4, Records.longValue) }
    let reading = Self.read(bytes)
    #expect(reading.last == .malformed && reading.length <= RecordGuard.longestHead + Records.longValue.count)
    #expect(Self.read(Records.begin + Records.record(4, Records.longValue), piece: { 7 }).last == .framing)
  }
}
