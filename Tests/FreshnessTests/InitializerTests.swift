import Cache
import Core
import Foundation
import Freshness
import Metadata
import SQLiteStore
import Testing

@Suite struct InitializerTests {
  let bench = Bench()
  let ids = (0..<50_000).map { MBID(high: UInt64($0) << 48 | 3, low: UInt64($0)) }

  func pages(_ after: MBID?, _ limit: Int) -> [MBID] {
    let start = after.map { last in ids.firstIndex { ($0.high, $0.low) > (last.high, last.low) } ?? ids.count } ?? 0
    return Array(ids[start...].prefix(limit))
  }

  func due(_ part: Bench.Part) throws -> Int { try part.tier.due(.album, before: bench.now, limit: 99_999).count }

  @Test func `every id is added once, and what is stopped goes on where it was`() throws {
    let part = bench.part()
    var asked: [MBID?] = []
    let fill = { (stopAfter: Int) throws(SourceError) -> Bool in
      // Each time as another process.
      try Initializer(bench.part().tier).fill(.album) { after, limit throws(SourceError) in
        asked.append(after)
        return pages(after, limit)
      } report: {
        $0.done < stopAfter
      }
    }
    #expect(try !fill(1))
    #expect(try due(part) == 20_000)
    #expect(try fill(.max))
    #expect(try due(part) == 50_000)
    #expect(asked[1] == ids[19_999])
    #expect(try fill(.max), "done again, it begins at the beginning")
    #expect(asked.contains(nil) && asked.filter { $0 == nil }.count == 2)
    #expect(try due(part) == 50_000)
  }

  @Test func `a failing source or a killed process loses nothing`() throws {
    let part = bench.part()
    var calls = 0
    #expect(throws: SourceError.self) {
      try Initializer(part.tier).fill(.album) { after, limit throws(SourceError) in
        calls += 1
        if calls == 3 { throw SourceError(.unavailable, "gone") }
        return pages(after, limit)
      } report: { _ in
        true
      }
    }
    #expect(try due(part) == 40_000)
    #expect(try Initializer(bench.part().tier).fill(.album, from: { pages($0, $1) }, report: { _ in true }))
    #expect(try due(part) == 50_000)
  }

  @Test func `ids take no room from documents`() throws {
    let part = bench.part(bytes: 4 << 20)
    let albums = bench.fill(50)
    try part.tier.insert(albums, of: .album)
    bench.crawl(part)
    let error = #expect(throws: SourceError.self) {
      while true {
        try part.tier.insert((0..<5_000).map { _ in MBID(high: .random(in: 0 ... .max), low: 1) }, of: .artist)
      }
    }
    #expect(error?.reason.contains("STORE_MAX_BYTES") ?? false)
    for _ in 0..<10 { part.tier.tend { false } }
    #expect(try part.tier.get(albums.map { CacheKey(.album, $0) }).allSatisfy { $0 != nil })
    #expect(
      try part.tier.claimDue(DueQuestion(.artist, before: bench.now, limit: 10), seconds: 9).isEmpty,
      "they are not made into documents either")
  }

  @Test func `numbered rows are gone through in ranges, and again from where it was`() throws {
    let part = bench.part()
    var ranges: [ClosedRange<Int>] = []
    let fill = { (stop: Bool) throws(SourceError) -> Bool in
      try Initializer(part.tier).fill(named: "spotify", upTo: 120_000) { after, last throws(SourceError) in
        ranges.append(after...last)
        return 1
      } report: { _ in
        !stop
      }
    }
    #expect(try !fill(true))
    #expect(try fill(false))
    #expect(ranges == [0...50_000, 50_000...100_000, 100_000...120_000])
  }
}
