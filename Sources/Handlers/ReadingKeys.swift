internal import Core

/// Who may read, where that is not everybody: whoever sends a key of which the operator has given the hash.
///
/// Kept as hashes, so that whoever sees the settings cannot read. Keys are long and random (`linernotes key`), so there
/// is no dictionary to try, and one round of SHA-256 will do.
public struct ReadingKeys: Sendable {
  private let digests: [[UInt8]]

  /// - Parameters:
  ///   - hashes: SHA-256 in hexadecimal, as the settings have them.
  ///   - master: the key of whoever may do more than read.
  /// - Returns: nil when there are no hashes: everybody may read.
  public init?(hashes: [String], master: String? = nil) {
    guard !hashes.isEmpty else { return nil }
    digests =
      hashes.map { hash in
        let digits = hash.utf8.map { UInt8(Character(UnicodeScalar($0)).hexDigitValue ?? 0) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
      } + (master.map { [SHA256.digest(of: $0.utf8)] } ?? [])
  }

  /// Whether one of the keys that a client has sent is right. The time does not tell how much of one is: hashes are
  /// compared, each with all of them and to its end.
  func admits(_ sent: [String]) -> Bool {
    var isAdmitted = false
    for key in sent {
      let digest = SHA256.digest(of: key.utf8)
      for known in digests {
        let isSame = known.count == digest.count && zip(known, digest).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
        isAdmitted = isSame || isAdmitted
      }
    }
    return isAdmitted
  }

  /// Takes a key that stands in front of a path, for clients that can send no header: `/k/KEY/artist/…`, at the beginning
  /// or behind a path that the routes are served under.
  static func cut(from path: inout [String], behind roots: [[String]]) -> String? {
    for root in roots + [[]] where path.starts(with: root, by: { $0.isExactly($1) }) {
      guard path.count >= root.count + 2, path[root.count].isExactly("k") else { continue }
      let key = path[root.count + 1]
      path.removeSubrange(root.count..<root.count + 2)
      return key
    }
    return nil
  }
}
