/// What the API says where MusicBrainz says nothing. The client knows no null here: an album without a type or a
/// release without a status would be invisible to its user.
public struct Vocabulary: Equatable, Sendable {
  static let otherType = "Other"

  /// The statuses that the client's users can allow. What has no other is invisible to them.
  public static let clientStatuses: Set<String> = ["Official", "Promotion", "Bootleg", "Pseudo-Release"]

  /// Status of a release that has none.
  public var missingStatus: String
  /// Status of a release that has one no client can allow: Withdrawn, Cancelled, Expunged. nil: its own.
  public var otherStatus: String?
  /// Format of a medium that has none.
  public var missingFormat: String

  public init(
    missingStatus: String = "Official", otherStatus: String? = "Official", missingFormat: String = "Unknown"
  ) {
    self.missingStatus = missingStatus
    self.otherStatus = otherStatus
    self.missingFormat = missingFormat
  }

  /// A status as it is shown; nil and an empty string stand for none.
  func status(_ status: String?) -> String {
    guard let status, !status.isEmpty else { return missingStatus }
    return Vocabulary.clientStatuses.contains(status) ? status : otherStatus ?? status
  }

  /// Statuses as they are shown: each once, sorted. An empty string stands for none.
  func statuses(_ statuses: [String]) -> [String] {
    // Nearly all albums have one, and a set is much work for it.
    if statuses.count <= 1 { return statuses.map(status) }
    return Set(statuses.map(status)).sorted()
  }
}
