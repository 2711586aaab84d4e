import Foundation
import Testing

/// Every artist and album of the sample, byte for byte as parsed JSON, against `Expected/`.
///
/// After a change that is meant to show: `REGENERATE=1 make test`, and read the difference.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct ExpectationTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Expected")
  static let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "sample")

  static func paths(_ route: String, _ table: String) -> [String] {
    let text = (try? String(contentsOf: sample.appending(path: "\(table).tsv"), encoding: .utf8)) ?? ""
    let rows = text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    guard let column = rows.first?.firstIndex(of: "gid") else { return [] }
    return rows.dropFirst().map { "/\(route)/\($0[column])" }
  }

  static let paths = paths("artist", "artist") + paths("album", "release_group")

  @Test func `the sample has artists and albums`() {
    #expect(ExpectationTests.paths.count == 16 + 17)
  }

  @Test(arguments: paths)
  func `the answer is the expected one, under every root and in either encoding`(path: String) throws {
    let name = path.dropFirst().replacingOccurrences(of: "/", with: "_")
    let file = ExpectationTests.folder.appending(path: "\(name).json")
    let answer = try Stack.content.get(path)
    #expect(answer.status == 200)
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try FileManager.default.createDirectory(at: ExpectationTests.folder, withIntermediateDirectories: true)
      try pretty(try answer.json()).write(to: file)
    }
    let expected = try Data(contentsOf: file)
    #expect(try pretty(try answer.json()) == expected, "\(name)")
    #expect(try Stack.content.get("/api/v0.4\(path)").body == answer.body)
    let gzip = try Stack.content.get(path, headers: ["Accept-Encoding: gzip"])
    #expect(gzip.headers["content-encoding"] == "gzip")
    #expect(gzip.headers["content-length"] == "\(gzip.body.count)")
    let file2 = try Temporary()
    try gzip.body.write(to: file2.url)
    let unzipped = try Command.run("/usr/bin/gzip", ["-dc"], input: gzip.body)
    #expect(unzipped.status == 0)
    #expect(unzipped.output == answer.body)
  }

  private func pretty(_ value: Any) throws -> Data {
    try JSONSerialization.data(
      withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + Data("\n".utf8)
  }
}
