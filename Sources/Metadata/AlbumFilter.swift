internal import Cache
internal import Core

/// The three filters of `/artist/{mbid}`: allow-lists; nil lets everything through.
///
/// An artist's albums are stored in parts, one for each combination of type, secondary types and statuses, labelled
/// with it. A filter therefore chooses among a handful of labels; it never looks into the JSON.
public struct AlbumFilter: Equatable, Sendable {
  /// Keeps albums whose type is listed.
  public var primaryTypes: Set<String>?
  /// Keeps albums with a listed secondary type, and those with none when ``studio`` is listed.
  public var secondaryTypes: Set<String>?
  /// Keeps albums that have a release with a listed status.
  public var statuses: Set<String>?

  /// What the client calls the absence of secondary types.
  static let studio = "Studio"

  public init(primaryTypes: Set<String>? = nil, secondaryTypes: Set<String>? = nil, statuses: Set<String>? = nil) {
    self.primaryTypes = primaryTypes
    self.secondaryTypes = secondaryTypes
    self.statuses = statuses
  }

  var isEmpty: Bool { primaryTypes == nil && secondaryTypes == nil && statuses == nil }

  func admits(_ label: AlbumLabel) -> Bool {
    if let primaryTypes, !primaryTypes.contains(label.primaryType) { return false }
    if let secondaryTypes {
      let isStudio = label.secondaryTypes.isEmpty && secondaryTypes.contains(AlbumFilter.studio)
      guard isStudio || !secondaryTypes.isDisjoint(with: label.secondaryTypes) else { return false }
    }
    if let statuses, statuses.isDisjoint(with: label.statuses) { return false }
    return true
  }
}

/// What the albums in one part of an artist's albums have in common.
struct AlbumLabel: Hashable {
  var primaryType: String
  var secondaryTypes: [String]
  var statuses: [String]

  init(_ album: AlbumSummary, _ vocabulary: Vocabulary) {
    primaryType = album.primaryType ?? Vocabulary.otherType
    secondaryTypes = album.secondaryTypes
    statuses = vocabulary.statuses(album.statuses)
  }

  /// Reads what ``encoded`` wrote.
  init?(_ bytes: [UInt8]) {
    let lists = bytes.split(separator: AlbumLabel.listEnd, omittingEmptySubsequences: false).map { list in
      list.isEmpty
        ? []
        : list.split(separator: AlbumLabel.nameEnd, omittingEmptySubsequences: false)
          .map { String(decoding: $0, as: UTF8.self) }
    }
    guard lists.count == 3, let type = lists[0].first else { return nil }
    primaryType = type
    secondaryTypes = lists[1]
    statuses = lists[2]
  }

  var encoded: [UInt8] {
    let lists = [[primaryType], secondaryTypes, statuses].map { $0.map { Array($0.utf8) } }
    return Array(
      lists.map { Array($0.joined(separator: [AlbumLabel.nameEnd])) }.joined(separator: [AlbumLabel.listEnd]))
  }

  // Information separators: no name contains them.
  private static let listEnd: UInt8 = 0x1d
  private static let nameEnd: UInt8 = 0x1f
}
