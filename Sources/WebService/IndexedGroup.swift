internal import Core

/// What the search index has of a release group. It is minutes behind.
struct IndexedGroup {
  let id: MBID
  /// How many releases it has, which no look-up and no browse tells.
  let count: Int
  let releases: Set<MBID>

  init(ws2 node: Node) throws(Unusable) {
    id = try node.mbid("id")
    count = try node.count("count")
    var releases: Set<MBID> = []
    for release in try node.optionalNodes("releases") { releases.insert(try release.mbid("id")) }
    self.releases = releases
  }

  /// Whether these are all the releases of the group.
  func isMade(of found: Set<MBID>) -> Bool { found.count == count && releases.isSubset(of: found) }
}

/// A page of ``Question/indexedGroups(of:at:)``.
struct IndexedGroups {
  let groups: [IndexedGroup]
  /// On all pages.
  let count: Int

  init(ws2 node: Node) throws(Unusable) {
    var groups: [IndexedGroup] = []
    for group in try node.nodes("release-groups") { groups.append(try IndexedGroup(ws2: group)) }
    self.groups = groups
    count = try node.count("count")
  }
}
