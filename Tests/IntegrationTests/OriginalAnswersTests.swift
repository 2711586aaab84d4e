import Foundation
import Testing

/// What the original server answered to the same requests on the same rows (`Original/`), held against ours.
///
/// Keys are compared without case and lists as sets, as the client reads them. Where the original is known to be wrong
/// the difference is spelled out here, each with its reason.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct OriginalAnswersTests {
  struct Recorded: CustomStringConvertible, Sendable {
    var file: String
    var method: String
    var path: String
    var status: Int

    var description: String { file }
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Original")

  static let recorded: [Recorded] = {
    let table = (try? String(contentsOf: folder.appending(path: "requests.tsv"), encoding: .utf8)) ?? ""
    return table.split(separator: "\n").dropFirst().compactMap { line in
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard columns.count >= 4, let status = Int(columns[3]) else { return nil }
      return Recorded(file: columns[0], method: columns[1], path: columns[2], status: status)
    }
  }()

  /// Other statuses than the original's, and why.
  static func status(for request: Recorded) -> Int {
    switch request.file {
    // It answers OPTIONS with 200 and an empty text/html body.
    case "005_OPTIONS_artist_x": 204
    // It fails on 29 February without a year.
    case "036_GET_album_b9000005-0000-4000-8000-000000000000": 200
    // It takes urn:uuid: for a UUID, and its database does not.
    case "058_GET_artist_urn", "071_GET_album_urn": 400
    // A slash at the end is served.
    case "061_GET_artist_slash", "074_GET_album_slash": 200
    default: request.status
    }
  }

  @Test func `there are recorded answers`() {
    #expect(OriginalAnswersTests.recorded.count > 80)
  }

  @Test(arguments: recorded)
  func `the answer is the original's, but for its faults`(request: Recorded) throws {
    let answer = try Stack.content.get(request.path, method: request.method)
    try #require(answer.status == OriginalAnswersTests.status(for: request))
    guard answer.status == request.status, request.method != "HEAD", request.path != "/" else { return }
    let file = OriginalAnswersTests.folder.appending(path: "\(request.file).json")
    let original = try JSONSerialization.jsonObject(with: try Data(contentsOf: file), options: [.fragmentsAllowed])
    var comparison = Comparison()
    comparison.ignoresEmptyAlbums = request.file.contains("redirect_artist")
    comparison.compare(original, try answer.json(), at: "")
    #expect(comparison.differences.isEmpty)
  }
}

/// The original's JSON on the left, ours on the right: all that is on the left must be on the right.
private struct Comparison {
  private(set) var differences: [String] = []
  /// It answers a merged id with the survivor, but with no albums.
  var ignoresEmptyAlbums = false

  mutating func compare(_ original: Any, _ ours: Any, at path: String) {
    switch (original, ours) {
    case (let original as [String: Any], let ours as [String: Any]):
      let ours = Dictionary(ours.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
      for (key, value) in original {
        // It counts tracks that it does not list.
        if key == "track_count" { continue }
        guard let counterpart = ours[key.lowercased()] else {
          differences.append("\(path)/\(key) is missing")
          continue
        }
        if ignoresEmptyAlbums, key == "Albums", (value as? [Any])?.isEmpty == true { continue }
        compare(value, counterpart, at: "\(path)/\(key.lowercased())")
      }
    case (let original as [Any], let ours as [Any]):
      compareLists(original, ours, at: path)
    default:
      // A date without a year is no date; the original makes it the year 1.
      if original as? String == "0001-01-01", ours is NSNull { return }
      if canonical(original) != canonical(ours) { differences.append("\(path): \(original) is \(ours)") }
    }
  }

  private mutating func compareLists(_ original: [Any], _ ours: [Any], at path: String) {
    let left = byID(original)
    let right = byID(ours)
    if !left.isEmpty || !right.isEmpty {
      for (id, value) in left {
        if let counterpart = right[id] {
          compare(value, counterpart, at: "\(path)[\(id)]")
        } else {
          differences.append("\(path)[\(id)] is missing")
        }
      }
      // It loses releases without a status.
      for (id, value) in right where left[id] == nil && (value["Title"] as? String) != "VA null status" {
        differences.append("\(path)[\(id)] is new")
      }
      return
    }
    var ours = ours
    // It loses media without a format.
    if path.hasSuffix("/media") { ours.removeAll { ($0 as? [String: Any])?["Format"] as? String == "Unknown" } }
    let missing = Set(original.map(canonical)).symmetricDifference(ours.map(canonical))
    if !missing.isEmpty { differences.append("\(path): \(missing)") }
  }

  private func byID(_ list: [Any]) -> [String: [String: Any]] {
    let pairs = list.compactMap { value -> (String, [String: Any])? in
      guard let object = value as? [String: Any], let id = (object["id"] ?? object["Id"]) as? String else { return nil }
      return (id, object)
    }
    return Dictionary(pairs, uniquingKeysWith: { $1 })
  }

  /// One text for one value; images without what the original does not tell, and with its image cache undone.
  private func canonical(_ value: Any) -> String {
    var value = value
    if var image = value as? [String: Any], let url = image["Url"] as? String {
      image["remoteUrl"] = nil
      image["Url"] = url.replacingOccurrences(
        of: "https://imagecache.lidarr.audio/v1/caa/", with: "https://coverartarchive.org/release/")
      value = image
    }
    if let object = value as? [String: Any] {
      let keys = object.map { "\($0.key.lowercased()):\(canonical($0.value))" }
      return "{\(keys.sorted().joined(separator: ","))}"
    }
    return value is NSNull ? "null" : "\(value)"
  }
}
