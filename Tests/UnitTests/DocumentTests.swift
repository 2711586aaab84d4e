import Core
import Testing

@testable import Cache
import Metadata
@testable import Documents
@testable import Memcached

@Suite struct DocumentTests {
  static let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
  static let expires = UnixTime(seconds: 1_800_000_000)
  static let documents: [Document] = [
    Document(
      parts: [
        .init(label: Array("one".utf8), Fragment(Array("first".utf8))),
        .init(Fragment(uncompressed: [])),
        .init(label: [0x1d, 0x1f], Fragment(Array(String(repeating: "third ", count: 1000).utf8))),
      ],
      references: [id, "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"], expires: expires),
    Document(parts: [], expires: expires),
    .absent(expires: expires),
    .moved(to: id, expires: expires),
  ]

  @Test(arguments: documents)
  func `what is stored is what is read`(document: Document) throws {
    let read = try #require(Document(encoded: document.encoded()))
    #expect(read.state == document.state)
    #expect(read.expires == document.expires)
    #expect(read.references == document.references)
    #expect(read.parts.map(\.label) == document.parts.map(\.label))
    #expect(read.parts.map(\.fragment.crc) == document.parts.map(\.fragment.crc))
    #expect(read.encoded() == document.encoded())
  }

  @Test(arguments: documents)
  func `every shortened form is a miss`(document: Document) {
    let bytes = document.encoded()
    for length in 0..<bytes.count { #expect(Document(encoded: Array(bytes[..<length])) == nil) }
    #expect(Document(encoded: bytes + [0]) == nil)
  }

  @Test(arguments: documents)
  func `every flipped bit is a miss, also one that would say that something does not exist`(document: Document) {
    let bytes = document.encoded()
    for bit in 0..<(8 * bytes.count) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Document(encoded: flipped) == nil, "bit \(bit)")
    }
  }

  @Test func `garbage is a miss and never a crash`() {
    var generator = SystemRandomNumberGenerator()
    let good = DocumentTests.documents[0].encoded()
    for _ in 0..<5_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...8) {
        bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: .min ... .max, using: &generator)
      }
      _ = Document(encoded: bytes)
    }
    #expect(Document(encoded: [1] + good.dropFirst()) == nil, "another version")
    #expect(Document(encoded: Array("SERVER_ERROR out of memory\r\n".utf8)) == nil)
  }

  @Test func `keys are safe in memcached's text protocol, whatever the namespace`() {
    let prefix = "\(CacheKey.safe("lm3.7 \r\nflush_all")):d:"
    for kind in [CacheKey.Kind.artist, .artistAlbums, .album, .series] {
      let key = CacheKey(kind, DocumentTests.id).text(prefix: prefix)
      #expect(key.utf8.allSatisfy { (0x21...0x7e).contains($0) })
      #expect(key.utf8.count < 200)
    }
  }

  @Test(arguments: [
    ("/run/m.sock", MemcachedAddress.socket(path: "/run/m.sock")),
    ("cache", .host("cache", port: 11211)),
    ("10.0.0.1:11212", .host("10.0.0.1", port: 11212)),
    ("[::1]:11212", .host("::1", port: 11212)),
    ("[::1]", .host("::1", port: 11211)),
  ])
  func `addresses are read in every form`(text: String, address: MemcachedAddress) {
    #expect(MemcachedAddress(text) == address)
  }

  @Test(arguments: [
    "", ":1", "host:", "host:0", "host:70000", "host:x", "a b:1", "host:+1", "ho[st", "]", "[]", "[[a]]", "a\u{1}b",
    "host:٣", "host\u{70f}:1",
  ])
  func `what is no address is none`(text: String) {
    #expect(MemcachedAddress(text) == nil)
  }

  @Test func `a list of pieces is read as it was written, and a document is not one`() {
    let list = PieceList(count: 3, version: 0xdead_beef)
    #expect(PieceList(list.encoded) == list)
    #expect(list.keys(of: "k") == ["k#deadbeef.0", "k#deadbeef.1", "k#deadbeef.2"])
    #expect(PieceList(DocumentTests.documents[0].encoded()) == nil)
  }
}
