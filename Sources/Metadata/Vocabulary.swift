/// What the API says where MusicBrainz says nothing. The client knows no null here: an album without a type or a
/// release without a status would be invisible to its user.
public struct Vocabulary: Equatable, Sendable {
  static let otherType = "Other"

  /// Status of a release that has none.
  public var missingStatus: String
  /// Format of a medium that has none.
  public var missingFormat: String

  public init(missingStatus: String = "Official", missingFormat: String = "Unknown") {
    self.missingStatus = missingStatus
    self.missingFormat = missingFormat
  }

  /// Statuses as they are shown: each once, sorted, with the missing one (an empty string) replaced.
  func statuses(_ statuses: [String]) -> [String] {
    // Nearly all albums have one that is known, and a set is much work for it.
    if statuses.count <= 1, statuses.first?.isEmpty != true { return statuses }
    return Set(statuses.map { $0.isEmpty ? missingStatus : $0 }).sorted()
  }
}
