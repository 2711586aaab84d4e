import Testing

@testable import Handlers

/// Who gets gzip. The nginx maps are held to the same table by `NginxTests`.
@Suite struct EncodingTests {
  static let headers: [(String, Bool)] = [
    ("gzip", true), ("gzip, deflate, br", true), ("deflate,gzip;q=0.5", true), ("GZIP", true), ("x-gzip", true),
    ("X-GZip", true), ("*", true), ("*;q=0.1", true), ("gzip;q=1", true), ("gzip;q=1.000", true),
    ("gzip;Q=0.001", true),
    (" gzip ", true), ("br ,\tgzip", true), ("gzip ; q=0.5", true), (",, gzip,", true), ("identity;q=0, gzip", true),
    ("identity;q=0, *", true), ("br;q=0, *;q=0.5", true),
    ("", false), (" ", false), (",", false), ("deflate", false), ("gzipped", false), ("gzip-x", false),
    ("identity", false), ("identity;q=0", false), ("identity;q=1, *;q=0", false), ("*;q=0", false),
    ("gzip;q=0", false), ("gzip; q=0.000", false), ("gzip;q=0.", false), ("x-gzip;q=0", false),
    ("gzip;q=0, *", false), ("*, gzip;q=0", false), ("gzip, x-gzip;q=0", false), ("gzip, gzip;q=0", false),
    // What breaks the grammar
    ("gzip;q=.5", false), ("gzip;q=2", false), ("gzip;q=1.1", false), ("gzip;q=0.5555", false), ("gzip;q=-1", false),
    ("gzip;q=", false), ("gzip;q", false), ("gzip;", false), ("gzip;level=9", false), ("gzip;q=0.5;level=9", false),
    ("gzip;q =1", false), ("gzip;q= 1", false), ("gzip;q=\"1\"", false), ("gzip;q=1e0", false), ("gzip;q=nan", false),
    ("gzip deflate", false), ("\"gzip\"", false), ("gzip, ä", false), ("gzip, ;q=1", false), ("gzip, br;q=7", false),
    ("**", false), ("gz*", false),
  ]

  @Test(arguments: headers)
  func `gzip is sent to whoever admits it`(header: String, admits: Bool) {
    #expect(Request.admitsGzip(header) == admits)
  }

  @Test(arguments: [
    ("gzip", "identity", true), ("gzip", nil, true), ("plain", "gzip", false), ("plain", "*", false),
    ("", "gzip", true), ("brotli", "gzip", true), (nil, "gzip", true), (nil, nil, false),
  ])
  func `a web server that has decided the encoding is obeyed`(decision: String?, header: String?, gzip: Bool) throws {
    var parameters = ["REQUEST_METHOD": "GET", "REQUEST_URI": "/"]
    parameters["LINERNOTES_ENCODING"] = decision
    parameters["HTTP_ACCEPT_ENCODING"] = header
    #expect(try #require(Request { parameters["\($0)"] }).acceptsGzip == gzip)
  }
}
