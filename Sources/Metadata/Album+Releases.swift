internal import Core

extension Release {
  /// The order in which an album lists its releases: the oldest first and those without a date last, then by title, then
  /// by id.
  public func isListed(before other: Release) -> Bool {
    let day = date.calendarDate ?? (10_000, 1, 1)
    let otherDay = other.date.calendarDate ?? (10_000, 1, 1)
    if day != otherDay { return day < otherDay }
    if title != other.title { return title < other.title }
    return (id.high, id.low) < (other.id.high, other.id.low)
  }
}

extension Album {
  /// Lists releases that are in their order; titles that differ from the album's become aliases.
  public mutating func list(_ releases: [Release]) {
    self.releases = releases
    var known = Set(aliases)
    known.insert(title)
    for release in releases where known.insert(release.title).inserted { aliases.append(release.title) }
  }
}
