import Core
import Documents
import Logging
import Testing

@testable import Handlers

/// Who is let in to read, and where a key may stand.
@Suite struct ReadingKeysTests {
  static let key = "right-key.1_~"
  static let other = "another"

  let keys = ReadingKeys(
    hashes: [SHA256.hexadecimal(of: Self.key.utf8), SHA256.hexadecimal(of: Self.other.utf8)], master: "of the operator")

  func router(edge: Edge? = nil) -> Router {
    Router(
      roots: ["/music", "/api/v0.4"],
      routes: [
        .init("GET", "artist/*") { _, open in .error(200, open[0], caching: .shared(seconds: 10)) },
        .init("GET", "recent/artist") { _, _ in .success }, .init("GET", "health/live") { _, _ in .success },
        .init("POST", "artist/*/refresh") { request, _ throws(Failure) in
          try Limits(requestDeadline: 1, key: "of the operator", refreshRequiresKey: true).admitRefresh(request)
          return .success
        },
      ],
      edge: edge, keys: keys, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func respond(
    _ uri: String, _ parameters: [String: String] = [:], method: String = "GET", edge: Edge? = nil
  ) throws -> Response {
    let router = router(edge: edge)
    let all = parameters.merging(["REQUEST_METHOD": method, "REQUEST_URI": uri, "QUERY_STRING": ""]) { $1 }
    return router.respond(to: try #require(Request(keyRoots: router.keyRoots) { all["\($0)"] }))
  }

  @Test func `no key or a wrong one is 401 on all routes`() throws {
    for path in ["/artist/x", "/recent/artist", "/", "/nosuch", "/health/live", "/api/v0.4/artist/x"] {
      for parameters in [
        [:], ["HTTP_X_API_KEY": ""], ["HTTP_X_API_KEY": "right-key.1_"], ["HTTP_AUTHORIZATION": "Bearer x"],
        ["HTTP_AUTHORIZATION": "Basic \(Self.key)"], ["HTTP_X_API_KEY": SHA256.hexadecimal(of: Self.key.utf8)],
        ["HTTP_LINERNOTES_KEY": Self.key], ["QUERY_STRING": "X-Api-Key=\(Self.key)"],
      ] {
        let response = try respond(path, parameters)
        #expect(response.status == 401, "\(path) \(parameters)")
        #expect(response.caching == .none)
      }
    }
    for path in ["/k/wrong/artist/x", "/k/", "/k", "/k/\(Self.key)x/artist/x", "/artist/k/\(Self.key)", "//k/artist/x"]
    {
      #expect(try respond(path).status == 401, "\(path)")
    }
  }

  @Test func `each key is taken as a header, as a token, and in the path`() throws {
    for key in [Self.key, Self.other, "of the operator"] {
      #expect(try respond("/artist/x", ["HTTP_X_API_KEY": key]).status == 200)
      #expect(try respond("/artist/x", ["HTTP_AUTHORIZATION": "Bearer \(key)"]).status == 200)
      #expect(try respond("/artist/x", ["HTTP_AUTHORIZATION": "bearer  \(key)"]).status == 200)
      #expect(try respond("/artist/x", ["HTTP_AUTHORIZATION": key]).status == 200)
    }
    for path in [
      "/k/\(Self.key)/artist/x", "/k/\(Self.other)/api/v0.4/artist/x", "/api/v0.4/k/\(Self.key)/artist/x",
      "/music/k/\(Self.key)/artist/x", "//k//\(Self.key)//artist/x/",
    ] {
      #expect(try respond(path).status == 200, "\(path)")
    }
    #expect(try respond("/k/\(Self.key)/nosuch").status == 404)
  }

  @Test func `the key is cut off before anybody sees the path`() throws {
    let all = ["REQUEST_METHOD": "GET", "REQUEST_URI": "/music/k/secret/artist/k/"]
    let request = try #require(Request(keyRoots: [["music"]]) { all["\($0)"] })
    #expect(request.path == ["music", "artist", "k"])
    #expect(request.admission?.keys == ["secret"])
    // Where no key is asked for there is none to cut off.
    #expect(try #require(Request { all["\($0)"] }).path == ["music", "k", "secret", "artist", "k"])
  }

  @Test func `behind nginx the key is what nginx says, which has cut it off`() throws {
    #expect(try respond("/artist/x", ["LINERNOTES_FRONT": "nginx", "LINERNOTES_KEY": Self.key]).status == 200)
    #expect(try respond("/artist/x", ["LINERNOTES_FRONT": "nginx", "LINERNOTES_KEY": ""]).status == 401)
    #expect(try respond("/k/\(Self.key)/artist/x", ["LINERNOTES_FRONT": "nginx", "LINERNOTES_KEY": ""]).status == 401)
  }

  @Test func `who needs one key to read and another to refresh sends both`() throws {
    func refresh(_ uri: String, _ parameters: [String: String]) throws -> Int {
      try respond(uri, parameters, method: "POST").status
    }
    let master = "of the operator"
    #expect(try refresh("/artist/x/refresh", ["HTTP_X_API_KEY": Self.key]) == 401)
    #expect(try refresh("/artist/x/refresh", ["HTTP_X_API_KEY": master]) == 200)
    #expect(try refresh("/k/\(Self.key)/artist/x/refresh", ["HTTP_X_API_KEY": master]) == 200)
    #expect(try refresh("/k/\(Self.key)/artist/x/refresh", [:]) == 401)
    for (header, token) in [(Self.key, master), (master, Self.key)] {
      for scheme in ["Bearer ", ""] {
        let parameters = ["HTTP_X_API_KEY": header, "HTTP_AUTHORIZATION": scheme + token]
        #expect(try refresh("/artist/x/refresh", parameters) == 200, "\(parameters)")
      }
    }
  }

  @Test func `only who asks on this machine whether it lives needs no key`() throws {
    let edge = Edge(origins: [], limit: nil)
    #expect(try respond("/health/live", ["REMOTE_ADDR": "127.0.0.1"], edge: edge).status == 200)
    #expect(try respond("/api/v0.4/health/live/", ["REMOTE_ADDR": "::1"], edge: edge).status == 200)
    #expect(try respond("/health/live", ["REMOTE_ADDR": "192.0.2.1"], edge: edge).status == 401)
    #expect(try respond("/artist/x", ["REMOTE_ADDR": "127.0.0.1"], edge: edge).status == 401)
    let nginx = ["LINERNOTES_FRONT": "nginx", "LINERNOTES_KEY": ""]
    #expect(try respond("/health/live", nginx.merging(["LINERNOTES_INTERNAL": "1"]) { $1 }).status == 200)
    #expect(try respond("/health/live", nginx.merging(["LINERNOTES_INTERNAL": ""]) { $1 }).status == 401)
    #expect(try respond("/health/live", nginx.merging(["HTTP_LINERNOTES_INTERNAL": "1"]) { $1 }).status == 401)
    #expect(try respond("/artist/x", nginx.merging(["LINERNOTES_INTERNAL": "1"]) { $1 }).status == 401)
  }

  @Test func `what not everybody may read is for nobody else to keep, unless nginx asks for keys itself`() throws {
    func caching(_ parameters: [String: String]) throws -> String {
      let all = parameters.merging([
        "REQUEST_METHOD": "GET", "REQUEST_URI": "/artist/x", "HTTP_X_API_KEY": Self.key,
        "LINERNOTES_CACHE_SECONDS": "1",
      ]) { $1 }
      let router = router()
      let request = try #require(Request(keyRoots: router.keyRoots) { all["\($0)"] })
      let writer = ResponseWriter()
      writer.write(router.respond(to: request), to: request)
      return String(decoding: writer.head.bytes, as: UTF8.self)
    }
    let plain = try caching([:])
    #expect(plain.contains("Cache-Control: private, max-age=0\r\n"))
    #expect(!plain.contains("X-Accel-Expires") && !plain.contains("public"))
    #expect(try caching(["LINERNOTES_KEY": ""]).contains("X-Accel-Expires: @"))
  }

  @Test func `without hashes everybody may read`() {
    #expect(ReadingKeys(hashes: [], master: "x") == nil)
    #expect(Router(roots: [], routes: [], logger: Logger(label: "t")).keyRoots == nil)
  }

  @Test(arguments: [
    ("/spotify/artist/x", 2), ("/spotify/artist/x/", 3), ("/k/key//spotify//artist/x", 3),
    ("/a/b/spotify/artist/x?y=/", 2),
    ("/spotify/artist/a%2Fb", 2), ("http://h/spotify/artist/x//", 4),
  ])
  func `a redirect goes up to where its route begins`(uri: String, levels: Int) throws {
    let all = ["REQUEST_METHOD": "GET", "REQUEST_URI": uri]
    #expect(try #require(Request(keyRoots: []) { all["\($0)"] }).admission?.levels(ofLast: 3) == levels)
  }
}

/// FIPS 180-4's examples, and lengths around the end of a block, as `sha256sum` has them.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    (String(repeating: "a", count: 56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    (String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func `a text has the hash that everybody else finds`(text: String, hash: String) {
    #expect(SHA256.hexadecimal(of: text.utf8) == hash)
  }
}
