import Core
import Foundation
import Testing

@testable import Lidarr

@Suite struct ObjectTextTests {
  static let replaced: [(String, String)] = [
    (#"{"metadataSource":"","id":1}"#, #"{"metadataSource":"http://x","id":1}"#),
    (
      "{ \n \"id\" : 1,\r\n\t\"MetadataSource\" : null }\n",
      "{ \n \"id\" : 1,\r\n\t\"MetadataSource\" : \"http://x\" }\n"
    ),
    // Spelled with an escape, and beside others that hold its name.
    (
      #"{"a":"metadataSource\":","\u006detadataSource":"b\\","id":1}"#,
      #"{"a":"metadataSource\":","\u006detadataSource":"http://x","id":1}"#
    ),
    (
      #"{"n":1.50E+099,"big":123456789012345678901234567890,"s":"\u00e9\/é","o":{"metadataSource":[1,{"}":"]"}]},"metadataSource":"y","t":true}"#,
      #"{"n":1.50E+099,"big":123456789012345678901234567890,"s":"\u00e9\/é","o":{"metadataSource":[1,{"}":"]"}]},"metadataSource":"http://x","t":true}"#
    ),
    // Lidarr leaves nulls out.
    (#"{"id":1}"#, #"{"metadataSource":"http://x","id":1}"#),
    ("{ }", #"{"metadataSource":"http://x" }"#),
  ]

  @Test(arguments: replaced)
  func `one value is replaced, and every other byte stays`(before: String, after: String) throws {
    let object = try #require(ObjectText(Array(before.utf8)))
    #expect(
      String(decoding: object.replacing("metadataSource", with: Array(#""http://x""#.utf8)), as: UTF8.self) == after)
  }

  @Test(arguments: [
    "", "[]", "null", "{", #"{"a":1"#, #"{"a":1}x"#, "<html></html>", #"{"a":1,"a":2}"#,
    #"{"metadataSource":"","METADATASOURCE":""}"#, "\u{feff}{}",
  ])
  func `what is not one object with distinct names is left alone`(text: String) {
    #expect(ObjectText(Array(text.utf8)) == nil)
  }

  @Test func `of 20,000 damaged objects each is refused, or changed in nothing but the one value`() {
    // The same ones in every run.
    var seed: UInt64 = 4_711
    func random(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % limit
    }
    let pieces = Array("{}[]\",:\\u0tfn1-.eE \n\0\u{e9}".utf8)
    var accepted = 0
    for _ in 0..<20_000 {
      var bytes = Array(SwitchTests.odd.utf8)
      for _ in 0...random(3) {
        let position = random(bytes.count)
        switch random(3) {
        case 0: bytes.remove(at: position)
        case 1: bytes.insert(pieces[random(pieces.count)], at: position)
        default: bytes[position] = pieces[random(pieces.count)]
        }
      }
      guard let object = ObjectText(bytes) else { continue }
      accepted += 1
      let changed = object.replacing("metadataSource", with: Array(#""http://x""#.utf8))
      let again = ObjectText(changed)
      #expect(again?["metadataSource"] == .string("http://x"), "\(String(decoding: bytes, as: UTF8.self))")
      if let literal = object.literal("metadataSource") {
        #expect(again?.replacing("metadataSource", with: literal) == bytes, "\(String(decoding: bytes, as: UTF8.self))")
      }
    }
    #expect(accepted > 1_000)
  }

  @Test(arguments: [
    "http://lidarr:8686", "https://lidarr.example/music/", "http://[::1]:8686//", "http://127.0.0.1:8686/a/b",
  ])
  func `an address loses the slashes at its end and nothing else`(text: String) throws {
    #expect(try BaseURL(text, of: "--url").text == text.replacing(/\/+$/, with: ""))
  }

  @Test(arguments: [
    "", "lidarr:8686", "ftp://x", "http://", "http://user:secret@x", "http://x/?a=b", "http://x/#a", "http://x y",
    "http://x/\"", "http://x/\\", "http://x\u{e9}", "http://x/\nurl",
  ])
  func `what is no address of routes is refused`(text: String) {
    #expect(throws: LidarrFailure.self) { try BaseURL(text, of: "--url") }
  }

  @Test func `a redirect reveals a base of the same origin, and of no other`() throws {
    let url = try BaseURL("http://lidarr:8686", of: "--url")
    let route = "/api/v1/system/status"
    #expect(url.base(revealedBy: "http://lidarr:8686/music\(route)", route: route)?.text == "http://lidarr:8686/music")
    for other in ["http://evil:8686/music\(route)", "https://lidarr:8686\(route)", "http://lidarr:8686/login"] {
      #expect(url.base(revealedBy: other, route: route) == nil, "\(other)")
    }
  }

  @Test func `what is saved is for the owner alone, and damage is told`() throws {
    let directory = NSTemporaryDirectory() + "lidarr-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let saved = SavedSource(path: directory + "/deep/x.saved")
    #expect(try saved.read() == nil)
    let entry = SavedSource.Entry(before: Array(#""http:\/\/x""#.utf8), since: Array(#""http://y""#.utf8))
    try saved.write(entry)
    try saved.write(entry)
    #expect(try saved.read() == entry)
    let mode = try FileManager.default.attributesOfItem(atPath: saved.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    for damage in ["", "\"a\"\n", "\"a\"\n\"b\"", "\"a\"\n1\n", "\"a\"\n\"b\"\n\n", "\"a\"\n\"b\nc\"\n"] {
      try Data(damage.utf8).write(to: URL(fileURLWithPath: saved.path))
      #expect(throws: LidarrFailure.self, "\(damage)") { try saved.read() }
    }
    saved.remove()
    #expect(try saved.read() == nil)
  }
}
