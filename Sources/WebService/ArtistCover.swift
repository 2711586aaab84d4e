internal import Core

/// Which releases to ask for their artists, so that few requests bring many.
struct ArtistCover {
  /// The release to ask for an artist. One who comes with no other is better looked up, and is left out.
  private(set) var releases: [MBID: MBID] = [:]

  /// Entries of a page.
  private static let pageLength = 100

  /// Takes the release that has the most of those who are missing, until none has two of them. That is not always the
  /// fewest, which nobody can find in time, but close to it.
  ///
  /// - Parameters:
  ///   - artists: of each release, as far as they are known.
  ///   - wanted: those who are to come.
  init(_ artists: [MBID: Set<MBID>], wanted: Set<MBID>) {
    var missing = wanted
    // By how many they had when somebody looked; they can only have become fewer.
    var ranks: [[MBID]] = []
    func rank(_ release: MBID, _ gain: Int) {
      while ranks.count <= gain { ranks.append([]) }
      ranks[gain].append(release)
    }
    // In the same order in every process, so that all ask for the same releases.
    for release in artists.keys.sorted(by: { ($1.high, $1.low) < ($0.high, $0.low) }) {
      rank(release, artists[release, default: []].intersection(missing).count)
    }
    while let old = ranks.indices.last, old >= 2 {
      guard let release = ranks[old].popLast() else {
        ranks.removeLast()
        continue
      }
      let all = artists[release, default: []]
      let gained = all.intersection(missing)
      guard gained.count == old else {
        rank(release, gained.count)
        continue
      }
      guard gained.count > (all.count + ArtistCover.pageLength - 1) / ArtistCover.pageLength else { continue }
      for artist in gained { releases[artist] = release }
      missing.subtract(gained)
    }
  }
}
