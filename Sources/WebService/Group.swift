internal import Core
internal import Metadata

/// What a page of ``ListQuestion/releaseGroups(of:)`` tells of one release group.
struct Group {
  /// Without the statuses.
  var summary: AlbumSummary
  /// Everybody in its credit.
  var artists: [MBID]

  init(ws2 node: Node) throws(Unusable) {
    summary = AlbumSummary(id: try node.mbid("id"), title: try node.text("title"))
    summary.primaryType = try node.optionalText("primary-type")
    summary.secondaryTypes = try node.texts("secondary-types").sorted()
    summary.firstReleaseDate = try node.date("first-release-date")
    summary.rating = try Reading.rating(node)
    artists = try Reading.credit(node).map(\.id)
    guard !artists.isEmpty else { throw Unusable("a release group is credited to nobody") }
  }
}
