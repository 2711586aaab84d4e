import CZlib
import Core
import Testing

@testable import Cache
@testable import Documents

@Suite struct BodyTests {
  static let texts: [[String]] = [
    [""],
    ["{}"],
    ["{\"id\":1", ",\"Albums\":[", "]}"],
    [String(repeating: "Ärtist ☃ 𝄞 ", count: 40_000), ",", String(repeating: "x", count: 70_000)],
    (0..<300).map { "\($0)," },
  ]

  @Test(arguments: texts)
  func `joined fragments are one gzip member of the joined text`(texts: [String]) throws {
    let body = Body(
      texts.enumerated().map { index, text in
        index % 2 == 0 ? Fragment(Array(text.utf8)) : Fragment(uncompressed: Array(text.utf8))
      })
    let output = OutputBuffer()
    body.appendGzip(to: output)
    #expect(output.count == body.gzipLength)
    #expect(try gunzip(Array(output.bytes)) == Array(texts.joined().utf8))
  }

  @Test(arguments: texts)
  func `a client without gzip gets the joined text`(texts: [String]) {
    let body = Body(texts.map { Fragment(Array($0.utf8)) })
    let output = OutputBuffer()
    output.append("before")
    #expect(body.appendPlain(to: output))
    #expect(Array(output.bytes) == Array("before".utf8) + Array(texts.joined().utf8))
    #expect(body.plainLength == texts.joined().utf8.count)
  }

  @Test func `a fingerprint tells texts apart, and not how they are compressed`() {
    let one = Body([Fragment(Array("abc".utf8)), Fragment(Array("def".utf8))])
    let two = Body([Fragment(uncompressed: Array("abc".utf8)), Fragment(Array("def".utf8))])
    let other = Body([Fragment(Array("abc".utf8)), Fragment(Array("deg".utf8))])
    #expect(one.fingerprint == two.fingerprint)
    #expect(one.fingerprint != other.fingerprint)
  }

  @Test func `every bit and every length makes another hash`() {
    var text = [UInt8](repeating: 0, count: 200)
    var hashes: Set<UInt64> = []
    for length in 0...text.count { hashes.insert(text[..<length].withUnsafeBytes(TextHash.of)) }
    for index in text.indices {
      for bit in 0..<8 {
        text[index] = 1 << bit
        hashes.insert(text.withUnsafeBytes(TextHash.of))
        text[index] = 0
      }
    }
    #expect(hashes.count == 201 + 1600)
    let name = Array("Linernotes".utf8)
    #expect(name.withUnsafeBytes(TextHash.of) == 4_908_193_981_834_923_091, "stored hashes are compared with new ones")
  }

  /// Every length has its own number of bits left over in the last byte; long texts have several blocks, and what does
  /// not compress is stored.
  @Test func `whatever is compressed can be followed by more`() throws {
    var generator = SystemRandomNumberGenerator()
    let noise = (0..<200_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let digits = noise.map { $0 % 10 + UInt8(ascii: "0") }
    let texts = (0..<400).map { Array(digits[..<$0]) } + [noise, digits, Array(repeating: 0, count: 1_000_000)]
    for text in texts {
      let fragment = Fragment(text)
      #expect(fragment.compressed.count <= text.count + 40)
      let output = OutputBuffer()
      Body([fragment, fragment]).appendGzip(to: output)
      #expect(try gunzip(Array(output.bytes)) == text + text)
    }
  }

  @Test(arguments: [Fragment(damageable), Fragment(uncompressed: damageable)])
  func `a damaged fragment is refused and leaves nothing behind`(fragment: Fragment) {
    let bytes = Document(parts: [.init(fragment)], expires: .now).encoded()
    for index in bytes.indices {
      for damage: UInt8 in [0x01, 0x80, 0xff] {
        var damaged = bytes
        damaged[index] ^= damage
        guard let document = Document(encoded: damaged) else { continue }
        let body = Body(document.parts.map(\.fragment))
        let output = OutputBuffer()
        output.append("head")
        body.appendGzip(to: output)
        output.reset()
        output.append("head")
        let text = body.appendPlain(to: output) && !body.fragments.isEmpty ? BodyTests.damageable : []
        #expect(Array(output.bytes) == Array("head".utf8) + text, "byte \(index)")
      }
    }
  }

  @Test(arguments: [Fragment(damageable), Fragment(uncompressed: damageable)])
  func `a shortened fragment is refused`(fragment: Fragment) {
    for length in 0..<fragment.compressed.count {
      let shortened = fragment.compressed.prefix(length)
      for compressed in [shortened, shortened + Deflate.terminator] where compressed != fragment.compressed {
        let claimed = Fragment(
          rawLength: fragment.rawLength, crc: fragment.crc, crcShift: fragment.crcShift, hash: fragment.hash,
          compressed: compressed)
        let output = OutputBuffer()
        let isWhole = Body([claimed]).appendPlain(to: output)
        #expect(Array(output.bytes) == (isWhole ? BodyTests.damageable : []), "\(length) bytes")
      }
    }
  }

  static let damageable = Array((0..<60).map { "track \($0 * $0), " }.joined().utf8)

  @Test func `a large body gives its memory back`() {
    let output = OutputBuffer()
    output.append([UInt8](repeating: 1, count: 3_000_000))
    #expect(output.count == 3_000_000)
    output.reset()
    output.append("x")
    #expect(Array(output.bytes) == [UInt8(ascii: "x")])
  }
}

/// zlib's own reading of gzip, trailer checked.
func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
  var stream = z_stream()
  try #require(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
  defer { inflateEnd(&stream) }
  var output = [UInt8](repeating: 0, count: 8 << 20)
  let capacity = output.count
  let status = bytes.withUnsafeBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = uInt(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = uInt(capacity)
      return inflate(&stream, Z_FINISH)
    }
  }
  #expect(status == Z_STREAM_END, "not a whole gzip member")
  #expect(stream.avail_in == 0, "bytes after the end")
  return Array(output[..<Int(stream.total_out)])
}
