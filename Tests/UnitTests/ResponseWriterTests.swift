import Core
import Testing

@testable import Cache
@testable import Documents
@testable import Handlers

@Suite struct ResponseWriterTests {
  let answer = Response(.body(Body([Fragment(literal: "{}")])), caching: .shared(seconds: 100))

  func head(
    _ response: Response, accepts gzip: Bool = false, ifNoneMatch: String? = nil, cacheSeconds: Int64 = 0,
    cachePath: String? = nil, room: CacheRoom = CacheRoom(look: { _ in nil }, clock: { 0 })
  ) -> [String: String] {
    let writer = ResponseWriter(cacheRoom: room, now: { UnixTime(seconds: 1_000) })
    writer.write(
      response,
      to: Request(
        method: "GET", path: [], query: Query(""), acceptsGzip: gzip, ifNoneMatch: ifNoneMatch,
        webServerCacheSeconds: cacheSeconds, webServerCachePath: cachePath))
    let lines = String(decoding: writer.head.bytes, as: UTF8.self).split(separator: "\r\n")
    return Dictionary(
      lines.map { line in
        let colon = line.firstIndex(of: ":") ?? line.endIndex
        return (String(line[..<colon]), String(line[colon...].dropFirst(2)))
      }, uniquingKeysWith: { $1 })
  }

  @Test func `only who has this form of the text is told that it has not changed`() throws {
    let plain = try #require(head(answer)["ETag"])
    let gzip = try #require(head(answer, accepts: true)["ETag"])
    #expect(plain != gzip)
    for (asks, own, other) in [(false, plain, gzip), (true, gzip, plain)] {
      for condition in [own, "W/\(own)", "\"x\", \(own)", "\(other),\(own)", "*"] {
        let answered = head(answer, accepts: asks, ifNoneMatch: condition)
        #expect(answered["Status"] == "304 Not Modified", "\(condition)")
        #expect(answered["ETag"] == own)
      }
      for condition in [other, "W/\(other)", "\"x\"", "", "\(own.dropLast())"] {
        #expect(head(answer, accepts: asks, ifNoneMatch: condition)["Status"] == "200 OK", "\(condition)")
      }
    }
  }

  @Test func `what a file holds uncompressed is compressed for who takes gzip`() throws {
    let text = Array(String(repeating: #"{"TrackName":"Same as ever"},"#, count: 100).utf8)
    let writer = ResponseWriter(
      cacheRoom: CacheRoom(look: { _ in nil }, clock: { 0 }), now: { UnixTime(seconds: 1_000) })
    func write(_ effort: Fragment.Effort, _ method: String) -> (head: String, body: [UInt8]) {
      writer.write(
        Response(.body(Body([Fragment(text, effort), Fragment(literal: "]")])), caching: .never),
        to: Request(method: method, path: [], query: Query(""), acceptsGzip: true, ifNoneMatch: nil))
      return (String(decoding: writer.head.bytes, as: UTF8.self), Array(writer.body.bytes))
    }
    let answer = write(.none, "GET")
    #expect(answer.body.count < 200)
    #expect(try gunzip(answer.body) == text + [UInt8(ascii: "]")])
    #expect(answer.head.contains("Content-Length: \(answer.body.count)\r\n"))
    #expect(write(.none, "HEAD").head == answer.head && write(.none, "HEAD").body.isEmpty)
    // What is told of it does not tell how it was compressed.
    let tag = try #require(answer.head.split(separator: "\r\n").first { $0.hasPrefix("ETag") })
    #expect(write(.quick, "GET").head.contains(tag))
  }

  @Test(arguments: [(Int64(1), "@1000"), (5, "@1004"), (1_000, "@1099")])
  func `nginx is told the last second in which it may give the answer`(cacheSeconds: Int64, expires: String) {
    let head = head(answer, cacheSeconds: cacheSeconds)
    #expect(head["X-Accel-Expires"] == expires)
    #expect(head["Cache-Control"] == "s-maxage=100, max-age=0, public, stale-while-revalidate=1")
  }

  @Test func `a page is written down by nobody, and what it is made with kept by everybody`() {
    let page = head(Response(.body(Body([Fragment(literal: "<p>")])), caching: .never), cacheSeconds: 1)
    #expect(page["Cache-Control"] == "no-store" && page["X-Accel-Expires"] == nil)
    let style = Response(.body(Body([Fragment(literal: "p{}")])), caching: .forever)
    #expect(head(style)["Cache-Control"] == "public, max-age=31536000, immutable")
    #expect(head(style, cacheSeconds: 1)["X-Accel-Expires"] == "@1000")
  }

  @Test func `nginx keeps nothing that is not fresh, and is told nothing where it keeps nothing`() {
    let stale = Response(.body(Body([Fragment(literal: "{}")])), caching: .shared(seconds: 0))
    #expect(head(stale, cacheSeconds: 1)["X-Accel-Expires"] == "0")
    #expect(head(answer)["X-Accel-Expires"] == nil)
    #expect(head(answer)["Cache-Control"] == "s-maxage=100, max-age=0, public")
  }

  @Test(arguments: [(UInt64(0), "0"), (CacheRoom.leastBytes - 1, "0"), (CacheRoom.leastBytes, "@1000"), (nil, "@1000")])
  func `nginx keeps nothing where its disk is full, because it would lose the answer`(free: UInt64?, expires: String) {
    let room = CacheRoom(look: { $0 == "/cache" ? free : 0 }, clock: { 0 })
    #expect(head(answer, cacheSeconds: 1, cachePath: "/cache", room: room)["X-Accel-Expires"] == expires)
  }

  @Test func `the disk is looked at now and then, not for every answer`() {
    let looks = Counter()
    let time = Counter()
    var room = CacheRoom(
      look: { _ in
        looks.count += 1
        return looks.count == 1 ? 0 : .max
      }, clock: { UInt64(time.count) * CacheRoom.lookNanoseconds / 10 })
    for tick in 0..<25 {
      time.count = tick
      let isLeft = room.isLeft(at: "/cache")
      #expect(isLeft == (tick >= 10))
    }
    #expect(looks.count == 3)
    _ = room.isLeft(at: "/other")
    #expect(looks.count == 4)
  }

  @Test func `a real disk is looked at, and one that is not there has room`() {
    var room = CacheRoom()
    let missing = room.isLeft(at: "/nosuch/cache")
    // It has no blocks at all.
    let full = !room.isLeft(at: "/proc")
    #expect(missing && full)
  }

  private final class Counter { var count = 0 }
}
