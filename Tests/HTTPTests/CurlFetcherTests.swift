import Core
import Foundation
import Logging
import TestServers
import Testing

@testable import HTTP

@Suite struct CurlFetcherTests {
  let fetcher = CurlFetcher(
    userAgent: "Linernotes-tests/1 (tests@example.org)", logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })

  func service(_ server: ReplayServer, connections: Int = 4, longestBody: Int = 1 << 20) -> HTTPService {
    HTTPService(
      origins: Set([Origin(of: server.url)].compactMap(\.self)), connections: connections, timeoutMilliseconds: 5_000,
      redirects: 2, longestBody: longestBody)
  }

  func fetch(
    _ server: ReplayServer, _ paths: [String] = ["/"], milliseconds: Int = 2_000, _ service: HTTPService? = nil,
    form: String? = nil
  ) -> [Result<HTTPResponse, FetchError>] {
    var results: [Int: Result<HTTPResponse, FetchError>] = [:]
    let exchanges = paths.enumerated().map { index, path in
      HTTPExchange(
        id: index,
        request: HTTPRequest(
          path.hasPrefix("/") ? server.url + path : path, headers: form == nil ? [] : ["Authorization: Basic x"],
          form: form.map { Array($0.utf8) }),
        service: service ?? self.service(server))
    }
    fetcher.run(exchanges, by: .after(milliseconds: milliseconds)) { id, result in
      #expect(results[id] == nil, "ended twice")
      results[id] = result
      return []
    }
    #expect(results.count == paths.count)
    return paths.indices.compactMap { results[$0] }
  }

  func elapsed(_ body: () -> Void) -> Int {
    let start = Deadline.monotonicNanoseconds()
    body()
    return Int((Deadline.monotonicNanoseconds() - start) / 1_000_000)
  }

  @Test func `an answer arrives with status, type and body, and the request says who asks`() {
    let server = ReplayServer { _ in
      .answer(status: 404, headers: ["Content-Type: Application/JSON; Charset=UTF-8"], body: Array("{}".utf8))
    }
    defer { server.stop() }
    #expect(
      fetch(server, ["/a?b=c"]) == [
        .success(HTTPResponse(status: 404, contentType: "application/json; charset=utf-8", body: Array("{}".utf8)))
      ])
    let head = server.requests.first ?? ""
    #expect(head.hasPrefix("GET /a?b=c HTTP/1.1"))
    #expect(head.contains("User-Agent: Linernotes-tests/1 (tests@example.org)"))
    #expect(head.contains("Accept-Encoding: gzip"))
  }

  @Test func `a form is posted with its headers`() {
    let server = ReplayServer { _ in .answer(body: [1]) }
    defer { server.stop() }
    #expect(fetch(server, form: "grant_type=client_credentials").count == 1)
    let request = server.requests.first ?? ""
    #expect(request.hasPrefix("POST / HTTP/1.1"))
    #expect(request.contains("Authorization: Basic x"))
    #expect(request.hasSuffix("\r\n\r\ngrant_type=client_credentials"))
  }

  @Test func `gzip is unpacked, and a bomb is stopped at the limit`() {
    let packed = Gzip.spaces(megabytes: 20)
    let server = ReplayServer { path in
      path == "/small"
        ? .answer(headers: ["Content-Encoding: gzip"], body: Gzip.stored("hello"))
        : .answer(headers: ["Content-Encoding: gzip"], body: packed)
    }
    defer { server.stop() }
    #expect(packed.count < 1 << 20)
    let results = fetch(server, ["/small", "/bomb"])
    #expect((try? results[0].get().body) == Array("hello".utf8))
    #expect(results[1] == .failure(.tooLarge))
  }

  @Test func `connections are kept, and no more are opened than allowed`() {
    let server = ReplayServer { _ in .answer(body: Array("{}".utf8)) }
    defer { server.stop() }
    let two = service(server, connections: 2)
    #expect(fetch(server, (0..<20).map { "/\($0)" }, two).allSatisfy { (try? $0.get().status) == 200 })
    #expect(fetch(server, (0..<20).map { "/\($0)" }, two).allSatisfy { (try? $0.get().status) == 200 })
    #expect(server.requests.count == 40)
    #expect(server.connections <= 2)
  }

  @Test(arguments: [
    "hang", "drip", "drip a body", "endless head",
  ])
  func `whatever does not end costs the deadline and no more`(how: String) {
    let server = ReplayServer { _ in
      switch how {
      case "hang": .hang
      case "drip": .drip(Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".utf8), milliseconds: 20)
      case "drip a body":
        .drip(
          Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8) + [UInt8](repeating: 32, count: 1000),
          milliseconds: 1)
      default:
        .drip(
          Array("HTTP/1.1 200 OK\r\n".utf8) + Array(String(repeating: "a: b\r\n", count: 500).utf8), milliseconds: 1)
      }
    }
    defer { server.stop() }
    var results: [Result<HTTPResponse, FetchError>] = []
    let time = elapsed { results = fetch(server, milliseconds: 150) }
    #expect(results == [.failure(.timedOut)])
    #expect((140...450).contains(time), "\(time) ms")
  }

  @Test func `a never-ending body is stopped at the limit, long before the deadline`() {
    let server = ReplayServer { _ in .endless }
    defer { server.stop() }
    var results: [Result<HTTPResponse, FetchError>] = []
    let time = elapsed { results = fetch(server, milliseconds: 5_000) }
    #expect(results == [.failure(.tooLarge)])
    #expect(time < 2_500, "\(time) ms")
  }

  @Test func `a body that claims to be too large is not read`() {
    let server = ReplayServer { _ in .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx".utf8)) }
    defer { server.stop() }
    #expect(fetch(server) == [.failure(.tooLarge)])
  }

  static let broken: [(String, [UInt8], FetchError?)] = [
    ("a body shorter than it says", Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".utf8), .truncated),
    ("an unfinished chunk", Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort".utf8), .truncated),
    ("nothing at all", [], nil),
    ("half a head", Array("HTTP/1.1 200 OK\r\nContent-Le".utf8), .truncated),
    ("no HTTP", Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), nil),
    ("zeros", [UInt8](repeating: 0, count: 100), nil),
    ("broken gzip", Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope".utf8), nil),
    ("a nonsensical length", Array("HTTP/1.1 200 OK\r\nContent-Length: -5x\r\n\r\nhello".utf8), nil),
  ]

  @Test(arguments: broken)
  func `a broken answer is an error`(name: String, bytes: [UInt8], error: FetchError?) {
    let server = ReplayServer { _ in .raw(bytes) }
    defer { server.stop() }
    switch fetch(server)[0] {
    case .failure(let found): if let error { #expect(found == error, "\(name)") }
    // Without a usable length the body lasts until the connection ends.
    case .success(let answer): #expect(name == "a nonsensical length" && answer.body == Array("hello".utf8), "\(name)")
    }
  }

  @Test func `a reset connection and a closed port are errors`() {
    let server = ReplayServer { _ in .reset }
    guard case .failure(.broken)? = fetch(server).first else {
      Issue.record("no error")
      return
    }
    server.stop()
    let gone = ReplayServer { _ in .reset }
    gone.stop()
    usleep(20_000)
    #expect(fetch(gone) == [.failure(.unreachable)])
  }

  @Test func `a redirect is followed to the expected hosts, and not for ever`() {
    let server = ReplayServer { path in
      switch path {
      case "/": .answer(status: 302, headers: ["Location: /second"], body: [])
      case "/second": .answer(status: 307, headers: ["Location: /third"], body: [])
      case "/loop": .answer(status: 301, headers: ["Location: /loop"], body: [])
      default: .answer(body: Array(path.utf8))
      }
    }
    defer { server.stop() }
    let results = fetch(server, ["/", "/loop"])
    #expect((try? results[0].get().body) == Array("/third".utf8))
    #expect(results[1] == .failure(.refused))
  }

  @Test func `no redirect leads anywhere else`() {
    let inside = ReplayServer { _ in .answer(body: Array("secret".utf8)) }
    defer { inside.stop() }
    let locations = [
      "http://127.0.0.1:\(inside.port)/", "http://localhost:\(inside.port)/", "//127.0.0.1:\(inside.port)/x",
      "file:///etc/hostname", "gopher://127.0.0.1:\(inside.port)/", "https://127.0.0.1:\(inside.port)/",
      "http://169.254.169.254/latest/meta-data/",
    ]
    let server = ReplayServer { path in
      let index = Int(path.dropFirst()) ?? 0
      return .answer(status: 302, headers: ["Location: \(locations[index])"], body: [])
    }
    defer { server.stop() }
    let results = fetch(server, locations.indices.map { "/\($0)" })
    #expect(results == locations.map { _ in .failure(.refused) })
    #expect(inside.connections == 0)
  }

  @Test(arguments: [
    ("https://archive.org/x", true), ("https://ia801.us.archive.org/x", true), ("https://ARCHIVE.org:443/x", true),
    ("https://a.example:8443/x", true), ("http://archive.org/x", false), ("https://archive.org:8443/x", false),
    ("https://evilarchive.org/x", false), ("https://archive.org.example/x", false), ("https://a.example/x", false),
    ("https://.archive.org@b.example/x", false), ("https://b.example/.archive.org", false),
  ])
  func `a redirect may lead to the origins, and by https to any host in the domains`(url: String, isAdmitted: Bool) {
    let service = HTTPService(
      origins: Set([Origin(of: "https://a.example:8443")].compactMap(\.self)), redirectDomains: ["archive.org"])
    #expect(Origin(of: url).map(service.mayRedirect) ?? false == isAdmitted)
  }

  @Test func `a domain for redirects is none for requests, nor for redirects without TLS`() {
    let inside = ReplayServer { _ in .answer(body: Array("secret".utf8)) }
    defer { inside.stop() }
    let server = ReplayServer { _ in
      .answer(status: 307, headers: ["Location: http://localhost:\(inside.port)/"], body: [])
    }
    defer { server.stop() }
    var service = service(server)
    service.redirectDomains = ["localhost"]
    let results = fetch(server, ["/", "https://localhost/", "http://localhost:\(inside.port)/"], service)
    #expect(results == [.failure(.refused), .failure(.refused), .failure(.refused)])
    #expect(inside.connections == 0)
  }

  @Test func `a URL that is none of the service's is not fetched`() {
    let server = ReplayServer { _ in .answer(body: []) }
    defer { server.stop() }
    let urls = [
      "http://127.0.0.1:\(server.port + 1)/", "https://127.0.0.1:\(server.port)/", "ftp://127.0.0.1:\(server.port)/",
      "http://user@127.0.0.1:\(server.port)/", "http://127.0.0.1:\(server.port)\\@evil.example/", "nonsense",
      "http://127.0.0.1:\(server.port)/a b",
    ]
    #expect(fetch(server, urls) == urls.map { _ in .failure(.refused) })
    #expect(server.connections == 0)
  }

  @Test func `HTTP_PROXY, which a client's header sets in CGI, is not used`() {
    let proxy = ReplayServer { _ in .answer(body: Array("from the proxy".utf8)) }
    let server = ReplayServer { _ in .answer(body: Array("from the server".utf8)) }
    defer {
      proxy.stop()
      server.stop()
    }
    setenv("http_proxy", proxy.url, 1)
    setenv("HTTP_PROXY", proxy.url, 1)
    setenv("ALL_PROXY", proxy.url, 1)
    defer { for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY"] { unsetenv(name) } }
    #expect((try? fetch(server)[0].get().body) == Array("from the server".utf8))
    #expect(proxy.connections == 0)
  }

  @Test func `slow ones cost one deadline together, and those that are there in time are not lost`() {
    let server = ReplayServer { path in path.hasPrefix("/slow") ? .hang : .answer(body: Array(path.utf8)) }
    defer { server.stop() }
    var results: [Result<HTTPResponse, FetchError>] = []
    let paths = (0..<10).map { "/slow\($0)" } + ["/fast"]
    let time = elapsed { results = fetch(server, paths, milliseconds: 200, service(server, connections: 20)) }
    #expect(results.prefix(10).allSatisfy { $0 == .failure(.timedOut) })
    #expect(results.last == .success(HTTPResponse(status: 200, body: Array("/fast".utf8))))
    #expect((190...500).contains(time), "\(time) ms")
  }

  @Test func `what waits behind others for a connection is told apart from what timed out`() {
    let server = ReplayServer { _ in .hang }
    defer { server.stop() }
    #expect(
      fetch(server, ["/1", "/2"], milliseconds: 100, service(server, connections: 1)) == [
        .failure(.timedOut), .failure(.notStarted),
      ])
  }

  @Test func `what follows from an answer runs under the same deadline`() {
    let server = ReplayServer { path in path == "/first" ? .answer(body: []) : .hang }
    defer { server.stop() }
    var ends: [String] = []
    let time = elapsed {
      fetcher.run(
        [HTTPExchange(id: 1, request: HTTPRequest("\(server.url)/first"), service: service(server))],
        by: .after(milliseconds: 150)
      ) { id, result in
        ends.append("\(id) \((try? result.get().status) ?? 0)")
        return id == 1
          ? [HTTPExchange(id: 2, request: HTTPRequest("\(server.url)/second"), service: service(server))]
          : [HTTPExchange(id: 3, request: HTTPRequest("\(server.url)/third"), service: service(server))]
      }
    }
    #expect(ends == ["1 200", "2 0"])
    #expect((140...450).contains(time), "\(time) ms")
  }

  @Test(
    arguments: [
      ("120", 120...120),
      ("Fri, 31 Dec 2100 23:59:59 GMT", 1_000_000...Int.max),
      ("Sun, 06 Nov 1994 08:49:37 GMT", nil), ("-5", nil), ("0", nil), ("", nil), ("soon", nil),
      ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
    ] as [(String, ClosedRange<Int>?)])
  func `Retry-After is read as seconds and as a date, and one that is none or over says nothing`(
    text: String, seconds: ClosedRange<Int>?
  ) throws {
    let server = ReplayServer { _ in .answer(status: 429, headers: ["Retry-After: \(text)"], body: []) }
    defer { server.stop() }
    let found = try fetch(server)[0].get().retryAfter
    #expect(found.map { seconds?.contains($0) ?? false } ?? (seconds == nil), "\(found ?? 0)")
  }
}

/// gzip without a library: stored blocks, and a run of spaces.
enum Gzip {
  static func stored(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    let length = UInt16(bytes.count)
    return header + [1, UInt8(length & 0xff), UInt8(length >> 8), UInt8(~length & 0xff), UInt8(~length >> 8)] + bytes
      + trailer(bytes)
  }

  /// Made by the system's gzip.
  static func spaces(megabytes: Int) -> [UInt8] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "head -c \(megabytes << 20) /dev/zero | tr '\\0' ' ' | gzip -9"]
    let pipe = Pipe()
    process.standardOutput = pipe
    do {
      try process.run()
    } catch {
      fatalError("no gzip: \(error)")
    }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(data)
  }

  private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]

  private static func trailer(_ bytes: [UInt8]) -> [UInt8] {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return [~crc, UInt32(bytes.count)].flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }
}
