import Core
import Logging
import Testing

@testable import Search

@Suite struct MergedSearchTests {
  /// Answers what it is told to.
  final class Source: SearchSource {
    var result: Result<[SearchHit], SourceError>
    private(set) var asked = 0
    let name = "test"

    init(_ result: Result<[SearchHit], SourceError>) { self.result = result }

    func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
      asked += 1
      return try result.get()
    }

    func isStale(by deadline: Deadline) -> Bool { false }
    func check(by deadline: Deadline) throws(SourceError) -> String { try result.map { "\($0.count)" }.get() }
    func generation(by deadline: Deadline) -> UInt64? { 4 }
  }

  static func hit(_ number: UInt64, _ score: Double) -> SearchHit {
    SearchHit(.artist(MBID(high: 0, low: number)), score: score)
  }

  static let away = SourceError(.unavailable, "away")
  static let empty = SourceError(.empty, "no names")

  let request = SearchRequest(.artists, "nirvana", limit: 3)
  var deadline: Deadline { .after(milliseconds: 1_000) }

  func merged(
    _ local: [Source], _ remote: Source?, _ asking: MergedSearch.Asking = .always
  ) throws -> SearchAnswer {
    try MergedSearch(
      local: local, remote: remote, asking: asking, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ).answer(request, by: deadline)
  }

  @Test func `a part of all names answers with what it finds, is asked last, and never says that there is nothing`()
    throws
  {
    let spare = SpareSearch(Source(.success([MergedSearchTests.hit(1, 99)])))
    #expect(
      try spare.answer(request, by: deadline) == SearchAnswer(hits: [MergedSearchTests.hit(1, 99)], isPartial: true))
    #expect(spare.isStale(by: deadline))
    #expect(throws: SourceError.self) { try spare.check(by: deadline) }
    #expect(throws: SourceError.self) { try SpareSearch(Source(.success([]))).search(request, by: deadline) }
  }

  @Test func `what several have found is one list, with the better of two scores`() throws {
    let here = Source(.success([MergedSearchTests.hit(1, 99), MergedSearchTests.hit(2, 50)]))
    let there = Source(
      .success([MergedSearchTests.hit(3, 88), MergedSearchTests.hit(1, 85), MergedSearchTests.hit(4, 20)]))
    let answer = try merged([here, Source(.success([]))], there)
    #expect(
      answer.hits == [MergedSearchTests.hit(1, 99), MergedSearchTests.hit(3, 88), MergedSearchTests.hit(2, 50)])
    #expect(!answer.isPartial)
  }

  @Test func `while MusicBrainz is away the names here answer, but not that there is nothing`() throws {
    let away = Source(.failure(MergedSearchTests.away))
    let answer = try merged([Source(.success([MergedSearchTests.hit(1, 99)]))], away)
    #expect(answer == SearchAnswer(hits: [MergedSearchTests.hit(1, 99)], isPartial: true))
    #expect(throws: MergedSearchTests.away) { try merged([Source(.success([]))], away) }
    #expect(throws: MergedSearchTests.away) { try merged([], away) }
  }

  @Test func `a store without names is no failure, one that fails is noted`() throws {
    let there = Source(.success([MergedSearchTests.hit(3, 88)]))
    #expect(try !merged([Source(.failure(MergedSearchTests.empty))], there).isPartial)
    #expect(try merged([Source(.failure(MergedSearchTests.away))], there).isPartial)
    let error = #expect(throws: SourceError.self) { try merged([Source(.failure(MergedSearchTests.empty))], nil) }
    #expect(error?.code == .empty)
  }

  @Test func `where all of MusicBrainz is here it is asked only for what is not`() throws {
    let there = Source(.success([MergedSearchTests.hit(3, 88)]))
    let here = Source(.success([MergedSearchTests.hit(1, 99)]))
    #expect(try merged([here], there, .whenNothingIsFound).hits == [MergedSearchTests.hit(1, 99)])
    #expect(there.asked == 0)
    here.result = .success([])
    #expect(try merged([here], there, .whenNothingIsFound).hits == [MergedSearchTests.hit(3, 88)])
  }
}
