import Foundation
import HTTP

@testable import Providers

/// The recorded and documented answers in the folder Bodies.
enum Bodies {
  static func load(_ name: String) -> [UInt8] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Bodies/\(name)")
    guard let data = try? Data(contentsOf: file) else { fatalError("no body \(name)") }
    return Array(data)
  }
}

extension HTTPResponse {
  static func body(_ name: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", body: Bodies.load(name))
  }

  static func text(_ text: String, status: Int = 200, contentType: String = "application/json") -> HTTPResponse {
    HTTPResponse(status: status, contentType: contentType, body: Array(text.utf8))
  }
}

/// What no provider means to send, and every one has sent.
enum Garbage {
  static let bodies: [(String, [UInt8])] = [
    ("nothing", []),
    ("white space", Array(" \r\n".utf8)),
    ("a page", Array("<!DOCTYPE html><html><body>Just a moment...</body></html>".utf8)),
    ("the beginning of JSON", Array(#"{"artists": [{"strArtist"#.utf8)),
    ("a bracket", Array("[".utf8)),
    ("a number", Array("42".utf8)),
    ("a string", Array(#""error""#.utf8)),
    ("null", Array("null".utf8)),
    ("an empty object", Array("{}".utf8)),
    ("an empty list", Array("[]".utf8)),
    ("two objects", Array("{}{}".utf8)),
    ("deep nesting", Array(repeating: UInt8(ascii: "["), count: 100_000)),
    ("gzip that nobody has unpacked", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0x00, 0x12]),
    ("UTF-16", Array("{}".utf16).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }),
    ("zeros", [UInt8](repeating: 0, count: 1000)),
  ]
}
