import Foundation
import Glibc
import Testing

@testable import Gateway

/// Streams of records with a few bytes changed, repeated or left out. `LINERNOTES_FUZZ_INPUTS` says how many of them
/// each test tries, `LINERNOTES_FUZZ_SEED` which.
@Suite struct RecordFuzzTests {
  static func inputs(_ number: Int) -> Int {
    ProcessInfo.processInfo.environment["LINERNOTES_FUZZ_INPUTS"].flatMap { Int($0) } ?? number
  }

  static let seed = ProcessInfo.processInfo.environment["LINERNOTES_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

  static let streams: [[UInt8]] =
    RecordGuardTests.heads.flatMap { head in RecordGuardTests.bodies.prefix(4).map { head + $0.0 } }
    + Records.attacks.map { Records.head("POST", "/") + Records.record(5, [1, 2, 3]) + $0.1 + Records.endOfBody }
    + RecordGuardTests.malformed.map { $0.1 + Records.endOfBody }

  static func mutated(_ random: inout Xorshift) -> [UInt8] {
    var bytes = random.one(of: streams)
    for _ in 0..<random.below(5) {
      guard !bytes.isEmpty else { break }
      let at = random.below(bytes.count)
      switch random.below(6) {
      case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[at] ^= 1 << UInt8(random.below(8))
      case 2: bytes[at] = random.one(of: [0, 1, 5, 0x7f, 0x80, 0xff])
      case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(16)))
      case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 8 + random.below(300))], at: at)
      default:
        let other = random.one(of: streams)
        bytes.insert(contentsOf: other[random.below(other.count)...], at: at)
      }
    }
    return bytes
  }

  /// Reads a stream record by record, with all of it in hand: what ``RecordGuard`` must come to in pieces.
  static func reference(_ bytes: [UInt8]) -> RecordGuardTests.Reading {
    var reading = RecordGuardTests.Reading()
    var at = 0
    var request: UInt16?
    var pairs: [UInt8] = []
    func malformed() -> RecordGuardTests.Reading {
      var result = reading
      result.last = .malformed
      return result
    }
    while bytes.count - at >= 8 {
      let header = Array(bytes[at..<(at + 8)])
      let id = UInt16(header[2]) << 8 | UInt16(header[3])
      let length = Int(header[4]) << 8 | Int(header[5])
      let content = bytes[(at + 8)..<min(bytes.count, at + 8 + length)]
      let end = at + 8 + length + Int(header[6])
      guard header[0] == 1 else { return malformed() }
      if let request {
        guard id == request, header[1] == (reading.head == nil ? 4 : 5) else { return malformed() }
        if reading.head == nil {
          pairs += content
          guard let isWhole = pairsAreWhole(pairs), isWhole || length > 0 else { return malformed() }
          if length == 0, end <= bytes.count { reading.head = end }
        } else {
          reading.body += content
          if length == 0, end <= bytes.count {
            reading.last = .endOfBody
            return reading
          }
        }
      } else {
        guard header[1] == 1, id != 0, length == 8 else { return malformed() }
        if content.count == 8, content.prefix(2) != [0, 1] { return malformed() }
        request = id
      }
      guard end <= bytes.count else { break }
      at = end
    }
    return reading
  }

  /// Whether pairs end where the bytes do; nil for a length that is not allowed.
  static func pairsAreWhole(_ bytes: [UInt8]) -> Bool? {
    var at = 0
    while at < bytes.count {
      var sum = 0
      for _ in 0..<2 {
        guard at < bytes.count else { return false }
        var length = Int(bytes[at])
        if length < 0x80 {
          at += 1
        } else {
          guard at + 4 <= bytes.count else { return false }
          length = (length & 0x7f) << 24 | Int(bytes[at + 1]) << 16 | Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
          at += 4
        }
        guard length <= RecordGuard.longestHead else { return nil }
        sum += length
      }
      at += sum
    }
    return at == bytes.count
  }

  @Test func `records are read the same in whatever pieces they come`() {
    var random = Xorshift(seed: Self.seed)
    for number in 0..<Self.inputs(20_000) {
      let bytes = Self.mutated(&random)
      let expected = Self.reference(bytes)
      var pieces = random
      let longest = 1 + random.below(40)
      let reading = RecordGuardTests.read(bytes, piece: { 1 + pieces.below(longest) })
      let isRight =
        reading.head == expected.head && reading.body == expected.body
        && (reading.last == .malformed) == (expected.last == .malformed)
        && (reading.last == .endOfBody) == (expected.last == .endOfBody)
      guard isRight else {
        Issue.record("seed \(Self.seed), input \(number): \(reading), not \(expected): \(bytes)")
        return
      }
    }
  }

  /// A crash takes the test process with it: run this alone with the same seed to find the input.
  @Test func `libfcgi survives whatever is sent`() {
    var random = Xorshift(seed: Self.seed &+ 1)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordGuard.longestHead, alignment: 8)
    defer { memory.deallocate() }
    var requests = 0
    let inputs = Self.inputs(5_000)
    for _ in 0..<inputs {
      let bytes = Self.mutated(&random)
      let pair = SocketPair()
      pair.send(bytes)
      pair.endSending()
      let connection = FastCGIConnection(socket: pair.takeServer())
      guard case .request = connection.receive(into: memory) else { continue }
      requests += 1
      var space = [UInt8](repeating: 0, count: 1 + random.below(300))
      while case let count = space.withUnsafeMutableBytes(connection.read), count == space.count {}
      _ = connection.parameter("REQUEST_METHOD")
    }
    #expect(inputs < 1_000 || requests > inputs / 10, "\(requests) of \(inputs) were requests to libfcgi")
  }
}

/// A generator whose numbers depend on its seed only.
struct Xorshift: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() >> 11) % bound }
  mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
