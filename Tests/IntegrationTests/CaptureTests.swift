import Foundation
import Testing

/// Shape and types of our answers against answers of the live service (`Captures/`): the same keys, spelled the same,
/// with values of the same kinds.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct CaptureTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Captures")

  @Test(arguments: [
    ("artist", "/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a"),
    ("artist", "/artist/1946a82a-f927-40c2-8235-38d64f50d043"),
    ("artist", "/artist/a9000002-0000-4000-8000-000000000000"),
    ("album", "/album/b9000002-0000-4000-8000-000000000000"),
    ("album", "/album/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"),
    ("album", "/album/b9000005-0000-4000-8000-000000000000"),
  ])
  func `keys and types are those of the live service`(kind: String, path: String) throws {
    var live: [String: Set<String>] = [:]
    for file in try FileManager.default.contentsOfDirectory(at: CaptureTests.folder, includingPropertiesForKeys: nil)
    where file.lastPathComponent.hasPrefix("\(kind)_") {
      collect(try JSONSerialization.jsonObject(with: try Data(contentsOf: file)), "", into: &live)
    }
    #expect(live.count > 20)
    var ours: [String: Set<String>] = [:]
    collect(try Stack.content.get(path).json(), "", into: &ours)
    for (key, kinds) in ours {
      // A list that is empty in every capture tells nothing of its elements.
      if let list = key.range(of: "[]", options: .backwards), live[String(key[..<list.upperBound])] == nil,
        live[String(key[..<list.lowerBound])] == ["list"]
      {
        continue
      }
      let known = try #require(live[key], "the live service has no \(key)")
      // A rating that the live service leaves null is told.
      // An album's overview is null in every capture; the artist's shows that it is text.
      let isTold = key.hasPrefix("/Albums[]/Rating") || key.hasSuffix("/overview")
      #expect(isTold || kinds.isSubset(of: known.union(["null"])), "\(key): \(kinds), live \(known)")
      if kinds.contains("null") {
        #expect(isNullable(key), "\(key) is null")
      }
    }
    // Keys of objects that are there must all be there.
    for (key, _) in live where !ours.keys.contains(key) && !key.hasSuffix("[]") {
      let parent = key.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      #expect(!ours.keys.contains(parent) || ours[parent] == ["null"], "\(key) is missing")
    }
  }

  private func isNullable(_ key: String) -> Bool {
    ["/type", "/Value", "/releasedate", "/ReleaseDate", "/DurationMs", "/overview"].contains { key.hasSuffix($0) }
  }

  /// The kinds of value at every path, with `[]` for the elements of a list.
  private func collect(_ value: Any, _ path: String, into kinds: inout [String: Set<String>]) {
    switch value {
    case let object as [String: Any]:
      kinds[path, default: []].insert("object")
      for (key, value) in object { collect(value, "\(path)/\(key)", into: &kinds) }
      if path == "/Albums[]", object["Rating"] is NSNull {
        // Not told by the live service; its shape is that of every rating.
        kinds["/Albums[]/Rating/Count", default: []].insert("number")
        kinds["/Albums[]/Rating/Value", default: []].insert("number")
      }
    case let list as [Any]:
      kinds[path, default: []].insert("list")
      for value in list { collect(value, "\(path)[]", into: &kinds) }
    case is NSNull: kinds[path, default: []].insert("null")
    case is String: kinds[path, default: []].insert("string")
    default: kinds[path, default: []].insert("number")
    }
  }
}
