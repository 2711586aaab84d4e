import Cache
import Core
import Metadata
import Testing

@testable import WebService

@Suite struct TopUpTests {
  /// A mirror that has one artist.
  final class Mirror: MetadataSource {
    static let artist: MBID = "00000000-0000-4000-8000-0000000000c1"
    var failure: SourceError?

    func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
      if let failure { throw failure }
      return ids.contains(Self.artist) ? [Self.artist: Artist(id: Self.artist, name: "mirror", sortName: "")] : [:]
    }

    func discographies(
      _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
    ) throws(SourceError) -> [MBID: Discography] {
      try artists(ids, by: deadline).mapValues { Discography(artist: $0, albums: []) }
    }

    func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] { [:] }

    func vintage(by deadline: Deadline) throws(SourceError) -> String? { "yesterday" }
  }

  let mirror = Mirror()
  let fetcher: ScriptedFetcher

  init() {
    fetcher = ConsistencyTests.fetcher { path, _ in path.hasPrefix("artist/\(Mirror.artist)") ? .json("{}") : nil }
  }

  func source(_ fetcher: ScriptedFetcher, interval: Int = 0, allowed: Int = 0) -> TopUpSource {
    let service = Service(fetcher: fetcher, interval: interval)
    return TopUpSource(
      mirror, webService: service.source,
      coordination: TierCoordination(shared: service.tier, namespace: "test"), intervalMilliseconds: allowed)
  }

  var deadline: Deadline { .after(milliseconds: 5_000) }

  @Test func `what a mirror lacks is asked of the web service, and nothing else`() throws {
    let source = source(fetcher)
    let missing = ConsistencyTests.merged
    let found = try source.artists([Mirror.artist, ConsistencyTests.artist, missing], by: deadline)
    #expect(found.mapValues(\.name) == [Mirror.artist: "mirror", ConsistencyTests.artist: "N"])
    #expect(fetcher.asked.count == 2)
    #expect(try source.artists([Mirror.artist], by: deadline).count == 1)
    #expect(fetcher.asked.count == 2)
    #expect(try source.discographies([ConsistencyTests.artist], albumless: [], by: deadline).count == 1)
    #expect(try source.albums([ConsistencyTests.group], by: deadline).count == 1)
    #expect(try source.albums([missing], by: deadline).isEmpty)
    #expect(try source.vintage(by: deadline) == "yesterday")
  }

  @Test func `while the web service cannot be asked nothing is said not to exist`() {
    let source = source(ConsistencyTests.fetcher { _, _ in .json("<html>", status: 502) })
    #expect(throws: SourceError.self) { try source.artists([ConsistencyTests.artist], by: deadline) }
    #expect(throws: SourceError.self) { try source.albums([ConsistencyTests.merged], by: deadline) }
  }

  @Test func `a mirror that does not answer is not replaced`() {
    let failure = SourceError(.unavailable, "away")
    mirror.failure = failure
    #expect(throws: failure) { try source(fetcher).artists([ConsistencyTests.artist], by: deadline) }
    #expect(fetcher.asked.isEmpty)
  }

  @Test func `ids that nobody has get a quarter of the requests`() {
    // Six a minute.
    let source = source(fetcher, allowed: 2_500)
    var refusals: [SourceError.Code] = []
    for number in 0..<40 {
      do throws(SourceError) {
        #expect(try source.albums([MBID(high: 77, low: UInt64(number))], by: deadline).isEmpty)
      } catch {
        refusals.append(error.code)
      }
    }
    #expect(fetcher.asked.count == 6)
    #expect(refusals == Array(repeating: .unavailable, count: 34))
    // What the mirror has is nobody's concern.
    #expect((try? source.artists([Mirror.artist], by: deadline))?.count == 1)
  }
}
