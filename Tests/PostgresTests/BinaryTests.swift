import Core
import Testing

@testable import Postgres

@Suite struct BinaryTests {
  @Test func `integers of two, four and eight bytes are read`() throws {
    #expect(try read([0xff, 0xfe], PostgresBinary.int) == -2)
    #expect(try read([0, 0, 1, 0], PostgresBinary.int) == 256)
    #expect(try read([0, 0, 0, 1, 0, 0, 0, 0], PostgresBinary.int) == 4_294_967_296)
  }

  @Test func `booleans, ids and text are read`() throws {
    #expect(try read([1], PostgresBinary.bool))
    #expect(try !read([0], PostgresBinary.bool))
    #expect(
      try read(
        [0x47, 0x2b, 0xc1, 0x27, 0x88, 0x61, 0x45, 0xe8, 0xbc, 0x9e, 0x31, 0xe8, 0xdd, 0x32, 0xde, 0x7a],
        PostgresBinary.uuid)
        == "472bc127-8861-45e8-bc9e-31e8dd32de7a")
    #expect(try read(Array("é𝄞".utf8), PostgresBinary.text) == "é𝄞")
    #expect(try read([], PostgresBinary.text) == "")
  }

  @Test(arguments: [[], [1], [1, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]] as [[UInt8]])
  func `values of a wrong length are refused`(_ bytes: [UInt8]) {
    #expect(throws: PostgresFailure.self) { try read(bytes, PostgresBinary.int) }
    #expect(throws: PostgresFailure.self) { try read(bytes, PostgresBinary.uuid) }
  }

  @Test(arguments: [[], ["a"], ["", "é", "NUL-free"]])
  func `an array of texts is read as it was written`(_ texts: [String]) throws {
    var bytes: [UInt8] = []
    PostgresParameter.texts(texts).append(to: &bytes)
    #expect(try read(bytes, PostgresBinary.texts) == texts)
  }

  @Test func `an array of ids is read as it was written`() throws {
    let ids: [MBID] = ["472bc127-8861-45e8-bc9e-31e8dd32de7a", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
    var bytes: [UInt8] = []
    PostgresParameter.uuids(ids).append(to: &bytes)
    #expect(bytes.count == 20 + 2 * 20)
    #expect(try read(bytes, PostgresBinary.uuids) == ids)
  }

  @Test func `nulls in an array are left out`() throws {
    let bytes: [UInt8] = [
      0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x61,
    ]
    #expect(try read(bytes, PostgresBinary.texts) == ["a"])
  }

  @Test func `an array that is cut off is refused wherever it is cut`() {
    var bytes: [UInt8] = []
    PostgresParameter.texts(["abc", "def"]).append(to: &bytes)
    for end in 0..<bytes.count {
      #expect(throws: PostgresFailure.self) { try read(Array(bytes[..<end]), PostgresBinary.texts) }
    }
  }

  @Test func `an array that claims to be huge is refused before memory is taken for it`() {
    let bytes: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1]
    #expect(throws: PostgresFailure.self) { try read(bytes, PostgresBinary.texts) }
  }
}

private func read<Value>(
  _ bytes: [UInt8], _ decode: (UnsafeRawBufferPointer) throws -> Value
) throws -> Value {
  // With a margin, so that reading behind the end shows.
  try (bytes + [0xee, 0xee]).withUnsafeBytes { try decode(UnsafeRawBufferPointer(rebasing: $0.dropLast(2))) }
}
