import Core
import Testing

@testable import MusicBrainz

@Suite struct BinaryTests {
  @Test func `integers of two, four and eight bytes are read`() throws {
    #expect(try int([0xff, 0xfe]) == -2)
    #expect(try int([0, 0, 1, 0]) == 256)
    #expect(try int([0, 0, 0, 1, 0, 0, 0, 0]) == 4_294_967_296)
  }
}

private func int(_ bytes: [UInt8]) throws -> Int {
  try bytes.withUnsafeBytes { bytes throws(PostgresFailure) in try PostgresBinary.int(bytes) }
}
