import Testing

@testable import Handlers

@Suite struct LimitsTests {
  func request(key: String?) -> Request {
    Request(method: "POST", path: ["artist", "x", "refresh"], query: Query(""), key: key)
  }

  @Test func `anybody may refresh, unless a key is asked for`() throws {
    try Limits(requestDeadline: 1).admitRefresh(request(key: nil))
  }

  @Test func `who has the key may refresh`() throws {
    try Limits(requestDeadline: 1, key: "secret", refreshRequiresKey: true).admitRefresh(request(key: "secret"))
  }

  @Test(arguments: [nil, "", "secreT", "secret2", "secre"])
  func `who has another or none may not`(key: String?) {
    let limits = Limits(requestDeadline: 1, key: "secret", refreshRequiresKey: true)
    #expect(throws: Failure.unauthorized) { try limits.admitRefresh(request(key: key)) }
  }

  @Test(arguments: [nil, "", "anything"])
  func `where a key is asked for and none is set, nobody may`(key: String?) {
    let limits = Limits(requestDeadline: 1, refreshRequiresKey: true)
    #expect(throws: Failure.forbidden("No key is configured: set INVALIDATE_APIKEY")) {
      try limits.admitRefresh(request(key: key))
    }
  }

  @Test func `a key is read from either header, of a request that changes something`() {
    func key(_ method: String, _ header: String, _ path: String = "/") -> String? {
      let parameters = ["REQUEST_METHOD": method, "REQUEST_URI": path, header: "k"]
      return Request { parameters["\($0)"] }?.key
    }
    #expect(key("POST", "HTTP_X_API_KEY") == "k")
    #expect(key("POST", "HTTP_AUTHORIZATION") == "k")
    #expect(key("GET", "HTTP_X_API_KEY") == nil)
    #expect(key("GET", "HTTP_X_API_KEY", "/api/v0.4/invalidate?since=1") == "k")
    #expect(key("GET", "HTTP_X_API_KEY", "/invalidate/artist") == nil)
  }
}
