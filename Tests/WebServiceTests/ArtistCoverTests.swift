import Core
import Testing

@testable import WebService

@Suite struct ArtistCoverTests {
  func id(_ number: Int) -> MBID { MBID(high: 0, low: UInt64(number)) }

  func cover(_ releases: [[Int]], _ wanted: [Int]) -> [Int: Int] {
    let sets = Dictionary(uniqueKeysWithValues: releases.enumerated().map { (id($0), Set($1.map(id))) })
    let cover = ArtistCover(sets, wanted: Set(wanted.map(id)))
    return Dictionary(uniqueKeysWithValues: cover.releases.map { (Int($0.key.low), Int($0.value.low)) })
  }

  @Test func `the release with the most of those who are missing comes first`() {
    #expect(cover([[1, 2], [1, 2, 3], [4, 5], [5, 6]], [1, 2, 3, 4, 5, 6]) == [1: 1, 2: 1, 3: 1, 4: 2, 5: 2])
  }

  @Test func `who would come alone is looked up`() {
    #expect(cover([[1, 9, 8], [2, 9]], [1, 2]) == [:])
    #expect(cover([[]], []) == [:])
    #expect(cover([], [1, 2]) == [:])
  }

  @Test func `pages that cost more than they bring are not asked for`() {
    #expect(cover([Array(1...250)], [1, 2, 3]) == [:])
    #expect(cover([Array(1...250)], [1, 2, 3, 4]) == [1: 0, 2: 0, 3: 0, 4: 0])
  }
}
