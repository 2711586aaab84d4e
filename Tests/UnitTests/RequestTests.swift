import Testing

@testable import Handlers

@Suite struct RequestTests {
  func request(_ parameters: [String: String]) -> Request? {
    Request { name in parameters["\(name)"] }
  }

  static let paths: [([String: String], [String])] = [
    (["REQUEST_URI": "/artist/x?a=b"], ["artist", "x"]),
    (["REQUEST_URI": "//artist//x/"], ["artist", "x"]),
    (["REQUEST_URI": "/"], []),
    (["REQUEST_URI": "http://host:1/artist/x"], ["artist", "x"]),
    (["REQUEST_URI": "/artist/%7Bx%7D%20%zz%"], ["artist", "{x} %zz%"]),
    (["REQUEST_URI": "/artist/a%2Fb"], ["artist", "a/b"]),
    (["REQUEST_URI": "/artist/+"], ["artist", "+"]),
    // nginx's own fastcgi_params
    (["REQUEST_URI": "/artist/x", "SCRIPT_NAME": "/artist/x", "DOCUMENT_URI": "/artist/x"], ["artist", "x"]),
    // Mounted under a prefix
    (["REQUEST_URI": "/music/artist/x", "SCRIPT_NAME": "/music"], ["artist", "x"]),
    (["REQUEST_URI": "/musical/artist/x", "SCRIPT_NAME": "/music"], ["musical", "artist", "x"]),
    // A script that FastCGI is asked for
    (["REQUEST_URI": "/cgi-bin/l/artist/x", "SCRIPT_NAME": "/cgi-bin/l", "PATH_INFO": "/artist/x"], ["artist", "x"]),
    (["SCRIPT_NAME": "/artist/x"], ["artist", "x"]),
    (["DOCUMENT_URI": "/artist/x"], ["artist", "x"]),
  ]

  @Test(arguments: paths)
  func `the path is found wherever the web server has put it`(parameters: [String: String], path: [String]) throws {
    var parameters = parameters
    parameters["REQUEST_METHOD"] = "GET"
    #expect(try #require(request(parameters)).path == path)
  }

  @Test(arguments: [("/artist/x", ["artist", "x"]), ("", [])])
  func `a script is told its path by what is behind its name`(info: String, path: [String]) throws {
    let parameters = [
      "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/cgi-bin/l", "REQUEST_URI": "/cgi-bin/l\(info)", "PATH_INFO": info,
    ]
    #expect(try #require(Request(isScript: true) { parameters["\($0)"] }).path == path)
  }

  static let scripts: [(script: String, info: String, uri: String, path: [String], mount: [String])] = [
    // As deploy/cgi has Apache and lighttpd send them
    ("/music/linernotes.cgi", "", "/music", [], ["music"]),
    ("/music/linernotes.cgi", "", "/music/?a=b", [], ["music"]),
    ("/music/linernotes.cgi", "", "/music/artist/x?a=/b", ["artist", "x"], ["music"]),
    ("/music/linernotes.cgi", "", "//music//artist/x/", ["artist", "x"], ["music"]),
    ("/music/linernotes.cgi", "", "/music/artist/a%2Fb%3F", ["artist", "a/b?"], ["music"]),
    ("/music/linernotes.cgi", "", "/music/linernotes.cgi", [], ["music", "linernotes.cgi"]),
    ("/my music/linernotes.cgi", "", "/my%20music/artist", ["artist"], ["my music"]),
    ("/linernotes.cgi", "", "/artist/x", ["artist", "x"], []),
    // An error of Apache's
    ("/music/linernotes.cgi", "/.error", "/music/recent/artist", ["recent", "artist"], ["music"]),
    // As a web server without any rules sends them
    (
      "/music/linernotes.cgi", "/artist/x", "/music/linernotes.cgi/artist/x", ["artist", "x"],
      ["music", "linernotes.cgi"]
    ),
    (
      "/music/linernotes.cgi", "/artist/a/b", "/music/linernotes.cgi/artist/a%2fb", ["artist", "a/b"],
      ["music", "linernotes.cgi"]
    ),
    // As a rule of a hoster's own sends them
    ("/cgi-bin/linernotes.cgi", "/artist/x", "/api/artist/x", ["artist", "x"], ["api"]),
    ("/cgi-bin/linernotes.cgi", "/artist/x", "", ["artist", "x"], ["cgi-bin", "linernotes.cgi"]),
    ("/cgi-bin/linernotes.cgi", "/artist/x", "/other", ["artist", "x"], ["cgi-bin", "linernotes.cgi"]),
  ]

  @Test(arguments: scripts)
  func `a script answers below its folder`(
    script: String, info: String, uri: String, path: [String], mount: [String]
  ) throws {
    var parameters = ["REQUEST_METHOD": "GET", "SCRIPT_NAME": script, "REQUEST_URI": uri, "PATH_INFO": info]
    let request = try #require(Request(isScript: true) { parameters["\($0)"] })
    #expect(request.path == path)
    #expect(request.mount == mount)
    // mod_fcgid
    guard script != "/cgi-bin/linernotes.cgi" else { return }
    for name in ["SCRIPT_NAME", "REQUEST_URI"] { parameters[name]?.replace(".cgi", with: ".fcgi") }
    let process = try #require(Request { parameters["\($0)"] })
    #expect(process.path == path)
    #expect(process.mount == mount.map { $0.replacing(".cgi", with: ".fcgi") })
  }

  @Test(arguments: [("1", Int64(1)), ("", 0), ("x", 0)])
  func `the web server says how long it keeps answers itself`(text: String, seconds: Int64) throws {
    let parameters = ["REQUEST_METHOD": "GET", "REQUEST_URI": "/", "LINERNOTES_CACHE_SECONDS": text]
    #expect(try #require(request(parameters)).webServerCacheSeconds == seconds)
  }

  @Test(arguments: [("0", 0), ("17", 17), ("", nil), ("9223372036854775807", Int.max)] as [(String, Int?)])
  func `the web server says how long a body is, or does not`(text: String, length: Int?) throws {
    let parameters = ["REQUEST_METHOD": "POST", "REQUEST_URI": "/", "CONTENT_LENGTH": text]
    #expect(try #require(request(parameters)).body.declaredLength == length)
  }

  @Test(arguments: ["-1", "-2", "-9223372036854775808", "+1", "1.5", "1e3", " 1", "x", "0x10", "9223372036854775808"])
  func `what declares its body to be of a length that is none is no request`(text: String) {
    #expect(request(["REQUEST_METHOD": "POST", "REQUEST_URI": "/", "CONTENT_LENGTH": text]) == nil)
    #expect(request(["REQUEST_METHOD": "GET", "REQUEST_URI": "/", "CONTENT_LENGTH": text]) == nil)
  }

  @Test func `what lacks method or path is no request`() {
    #expect(request([:]) == nil)
    #expect(request(["REQUEST_METHOD": "GET"]) == nil)
    #expect(request(["REQUEST_URI": "/"]) == nil)
  }

  @Test func `a query is read as a form is`() {
    let query = Query("a=1&b=%7C+x&a=2&c&=d&e=%C3%A4&f=%ff&g=%")
    #expect(query["a"] == "1")
    #expect(query["b"] == "| x")
    #expect(query["c"] == "")
    #expect(query["e"] == "ä")
    #expect(query["f"] == "\u{fffd}")
    #expect(query["g"] == "%")
    #expect(query["h"] == nil)
  }

  private func body(_ sent: [UInt8], declared: Int?) -> RequestBody {
    RequestBody(declaredLength: declared) { space in
      let count = min(space.count, sent.count)
      space.copyBytes(from: sent.prefix(count))
      return count
    }
  }

  @Test func `a body is read up to the limit, whatever its length was said to be`() throws {
    #expect(try body([1, 2, 3], declared: 3).bytes(limit: 3) == [1, 2, 3])
    #expect(try body([1, 2, 3], declared: nil).bytes(limit: 3) == [1, 2, 3])
    #expect(try body([], declared: nil).bytes() == [])
    #expect(try RequestBody.none.bytes() == [])
    #expect(throws: Failure.bodyTooLong) { try body([1, 2, 3, 4], declared: 4).bytes(limit: 3) }
    #expect(throws: Failure.bodyTooLong) { try body([1, 2, 3, 4], declared: nil).bytes(limit: 3) }
  }

  @Test func `a body that is shorter or longer than was announced is no body`() {
    #expect(throws: Failure.badParameter("Not a request")) { try body([1, 2, 3, 4], declared: 3).bytes() }
    #expect(throws: Failure.badParameter("Not a request")) { try body([1, 2], declared: 3).bytes() }
    for length in [-1, -2, Int.min] {
      #expect(throws: Failure.badParameter("Not a request")) { try body([1, 2], declared: length).bytes() }
    }
    let broken = RequestBody(declaredLength: nil) { _ in -1 }
    #expect(throws: Failure.badParameter("Not a request")) { try broken.bytes() }
  }
}
