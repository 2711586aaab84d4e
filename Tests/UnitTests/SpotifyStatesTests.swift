import Core
import Metadata
import Testing

@testable import Handlers

@Suite struct SpotifyStatesTests {
  let states = SpotifyStates(hosts: ["lidarr.example", "Music.Example", "203.0.113.7", "2001:db8::7", "[2001:DB8::8]"])

  @Test(arguments: [
    "http://192.168.1.10:8686/oauth.html", "http://localhost:8686/oauth.html", "http://[::1]:8686/oauth.html",
    "http://[fd00::1]/oauth.html", "http://[FD00::1]:8686/lidarr/oauth.html", "http://[fe80::1]/oauth.html",
    "http://[febf::1]/oauth.html", "http://[fc00::]/oauth.html", "http://[::ffff:192.168.1.5]:8686/oauth.html",
    "http://[::ffff:c0a8:105]/oauth.html", "http://[0:0:0:0:0:0:0:1]/oauth.html",
    "http://lidarr.lan/lidarr/oauth.html", "http://nas/lidarr/oauth.html", "https://nas/oauth.html",
    "http://my_nas:65535/oauth.html", "http://nas-2/oauth.html", "http://4k/oauth.html", "http://nas.local/oauth.html",
    "http://nas.home/oauth.html", "http://nas.internal/oauth.html", "http://a.b.home.arpa/oauth.html",
    "http://lidarr.localhost/oauth.html", "http://192.168.1.5.lan/oauth.html", "HTTP://NAS.LAN:1/oauth.html",
    "http://10.0.0.1/oauth.html", "http://10.255.255.255/oauth.html", "http://172.16.0.1/oauth.html",
    "http://172.31.0.1/oauth.html", "http://127.0.0.1/a/b/c/oauth.html", "http://169.254.1.1/oauth.html",
    "http://100.64.0.1/oauth.html", "http://192.168.0.0/~me/oauth.html",
  ])
  func `users are sent back to private networks`(state: String) {
    #expect(states.admits(state))
  }

  @Test(arguments: [
    "https://lidarr.example/oauth.html", "https://LIDARR.example:8443/x/oauth.html",
    "https://music.example/oauth.html", "https://203.0.113.7/oauth.html", "https://[2001:db8::7]/oauth.html",
    "https://[2001:DB8:0::8]:1/oauth.html", "https://[::ffff:203.0.113.7]/oauth.html",
  ])
  func `and to the hosts that the operator names, however they are written`(state: String) {
    #expect(states.admits(state))
    #expect(!SpotifyStates().admits(state))
  }

  static let strangers = [
    "https://evil.example/oauth.html", "http://8.8.8.8/oauth.html", "http://172.15.0.1/oauth.html",
    "http://172.32.0.1/oauth.html", "http://100.63.0.1/oauth.html", "http://100.128.0.1/oauth.html",
    "http://192.169.0.1/oauth.html", "http://11.0.0.1/oauth.html", "http://0.0.0.0/oauth.html",
    "http://192.168.1.5.evil.example/oauth.html", "http://notlidarr.example/oauth.html",
    "http://x.lidarr.example/oauth.html", "http://lidarr.example.evil.example/oauth.html",
    "http://home.arpa/oauth.html", "http://10.0.0.-1/oauth.html", "http://evilhome.arpa/oauth.html",
    "http://evil.xlocal/oauth.html",
    "http://[2606:4700::1111]/oauth.html", "http://[::]/oauth.html", "http://[fec0::1]/oauth.html",
    "http://[fe00::1]/oauth.html", "http://[fb00::1]/oauth.html", "http://[ff02::1]/oauth.html",
    "http://[2001:db8::9]/oauth.html",
    // Addresses of IPv4 in those of IPv6.
    "http://[::ffff:8.8.8.8]/oauth.html", "http://[::ffff:808:808]/oauth.html", "http://[::8.8.8.8]/oauth.html",
    "http://[::192.168.1.5]/oauth.html", "http://[64:ff9b::808:808]/oauth.html", "http://[2002:a00::1]/oauth.html",
    // Some browsers decode labels before they look for numbers in them.
    "http://xn--134744072-/oauth.html", "http://xn--n3h.local/oauth.html", "http://XN--a.lan/oauth.html",
  ]

  @Test(arguments: strangers)
  func `but not to strangers, unless the operator admits all`(state: String) {
    #expect(!states.admits(state))
    #expect(SpotifyStates(hosts: ["*"]).admits(state))
  }

  static let ambiguous = [
    // Numbers that browsers read as octal, hexadecimal, or as fewer than four bytes.
    "http://010.34.210.5/oauth.html", "http://10.034.210.5/oauth.html", "http://10.34.210.05/oauth.html",
    "http://127.1/oauth.html", "http://192.168.1/oauth.html", "http://192.168/oauth.html", "http://10/oauth.html",
    "http://134744072/oauth.html", "http://0x8080808/oauth.html", "http://0x7f.1/oauth.html", "http://0x/oauth.html",
    "http://0X8/oauth.html", "http://10.0.0.0x8/oauth.html", "http://10.0.0.0x/oauth.html", "http://x.8/oauth.html",
    "http://lan.010/oauth.html", "http://10.0.0.256/oauth.html", "http://10.0.0.1.2/oauth.html",
    "http://10.0.0.+1/oauth.html", "http://10.0.0.1./oauth.html",
    "http://00.0.0.0/oauth.html", "http://10.00.0.1/oauth.html", "http://4294967296/oauth.html",
    "http://10.0.0.99999999999999999999/oauth.html", "http://１０.0.0.1/oauth.html",
    // Brackets.
    "http://[::1].evil.example/oauth.html", "http://[fe80:evil/oauth.html", "http://[fe80:evil]/oauth.html",
    "http://[::1/oauth.html", "http://::1/oauth.html", "http://::1]/oauth.html", "http://[]/oauth.html",
    "http://[[::1]]/oauth.html", "http://[::1]]/oauth.html", "http://[::1]evil.example/oauth.html",
    "http://[::1]:/oauth.html", "http://[::1]:80:80/oauth.html", "http://[::1]80/oauth.html",
    "http://[fe80::1%25eth0]/oauth.html", "http://[fe80::1%eth0]/oauth.html", "http://[10.0.0.1]/oauth.html",
    "http://[localhost]/oauth.html", "http://[::ffff:010.0.0.1]/oauth.html", "http://[::ffff:10.1]/oauth.html",
    "http://[1::2::3]/oauth.html", "http://[fd00:12345::]/oauth.html", "http://[fd00::g]/oauth.html",
    "http://[fd00:::1]/oauth.html", "http://[v1.fd00::1]/oauth.html", "http://evil[::1]/oauth.html",
    "http://[fd00::1,fd00::2]/oauth.html",
    // Names.
    "http:///oauth.html", "http://./oauth.html", "http://.lan/oauth.html", "http://nas..lan/oauth.html",
    "http://nas./oauth.html", "http://nas.lan./oauth.html", "http://evil.example%2f.local/oauth.html",
    "http://evil.example%00.local/oauth.html", "http://n%61s/oauth.html", "http://evil.example\\.local/oauth.html",
    "http://evil.example\\@nas/oauth.html", "http://nas,evil.example/oauth.html", "http://evil;nas/oauth.html",
    "http://nas|evil/oauth.html", "http://nas^/oauth.html", "http://*/oauth.html", "http://näs/oauth.html",
    "http://nas\u{ad}/oauth.html", "http://evil\u{3002}example/oauth.html", "http://evil\u{ff0f}.lan/oauth.html",
    "http://ⓝas/oauth.html", "http://\(String(repeating: "a", count: 64))/oauth.html",
    "http://\(String(repeating: "a.", count: 200))lan/oauth.html",
    // Users.
    "http://192.168.1.5@evil.example/oauth.html", "http://nas:80@evil.example/oauth.html",
    "http://evil.example@nas/oauth.html", "http://@nas/oauth.html", "http://nas:@/oauth.html",
    "http://evil.example:80@nas:80/oauth.html", "http://nas/@evil.example/oauth.html",
    // Ports.
    "http://nas:/oauth.html", "http://nas:x/oauth.html", "http://nas:0/oauth.html", "http://nas:65536/oauth.html",
    "http://nas:+80/oauth.html", "http://nas:-80/oauth.html", "http://nas: 80/oauth.html", "http://nas:080/oauth.html",
    "http://nas:8_0/oauth.html", "http://nas:0x50/oauth.html", "http://nas:80:80/oauth.html", "http://:80/oauth.html",
    "http://nas:99999999999999999999/oauth.html", "http://nas:٨٠/oauth.html",
    // White space.
    "http://nas/oauth.html\r\nX: y", "http://na\ts/oauth.html", "http://na\ns/oauth.html", "http://nas\r/oauth.html",
    " http://nas/oauth.html", "http://nas/oauth.html ", "http://nas /oauth.html", "\u{0}http://nas/oauth.html",
    "ht\ttp://nas/oauth.html", "http://nas/\u{7f}/oauth.html", "http://nas/oauth.html\u{0}",
    // Schemes.
    "//nas/oauth.html", "/oauth.html", "oauth.html", "nas/oauth.html", "ftp://nas/oauth.html", "http:nas/oauth.html",
    "http:/nas/oauth.html", "http:\\\\nas/oauth.html", "http:/\\nas/oauth.html", "https:nas/oauth.html",
    "javascript:alert(1)//oauth.html", "data:text/html,/oauth.html", "http//nas/oauth.html", "://nas/oauth.html",
    "xhttp://nas/oauth.html", "httpss://nas/oauth.html", "blob:http://nas/oauth.html", "http://http://nas/oauth.html",
    // Paths.
    "http://nas", "http://nas/", "http://nas/x.html", "http://nasoauth.html", "http://nas/xoauth.html",
    "http://nas/OAUTH.html", "http://nas/oauth.html/", "http://nas//oauth.html", "http://nas/a//oauth.html",
    "http://nas/a/../oauth.html", "http://nas/./oauth.html", "http://nas/%2e%2e/oauth.html",
    "http://nas/a\\oauth.html", "http://nas/\\evil.example/oauth.html", "http://nas/oauth.html?x=/oauth.html",
    "http://nas/?/oauth.html", "http://nas/#/oauth.html", "http://nas?/oauth.html", "http://nas#/oauth.html",
    "http://evil.example#nas/oauth.html", "http://evil.example?nas/oauth.html", "http://nas/oauth.html?",
    "http://nas/oauth.html#", "http://nas/\"/oauth.html", "http://nas/<x>/oauth.html", "http://nas/%/oauth.html",
    "http://nas/ä/oauth.html", "http://nas/\(String(repeating: "a", count: 1000))/oauth.html", "",
  ]

  @Test(arguments: ambiguous)
  func `nor to what one reader of URLs may take for another than the next, even if all are admitted`(state: String) {
    #expect(!states.admits(state))
    #expect(!SpotifyStates(hosts: ["*"]).admits(state))
  }

  @Test func `a host that cannot be in a URL admits nobody`() {
    let states = SpotifyStates(hosts: ["evil.example/", "näs.example", "x y.z", "", "1.2", "[::1", "evil.example."])
    for host in ["evil.example", "näs.example", "x%20y.z", "y.z", "1.2"] {
      #expect(!states.admits("http://\(host)/oauth.html"))
    }
  }

  // MARK: - What the token host says

  static let refusals: [(ServiceError, Failure)] = [
    (.refused(status: 400, message: "Invalid authorization code"), .refused("spotify: Invalid authorization code")),
    (.refused(status: 400, message: "refused"), .refused("spotify: refused")),
    (.refused(status: 422, message: "x"), .refused("spotify: x")),
    (.refused(status: 400, message: "Invalid client"), .provider("Spotify")),
    (.refused(status: 400, message: "Invalid client secret"), .provider("Spotify")),
    (.refused(status: 400, message: "invalid_client"), .provider("Spotify")),
    (.refused(status: 400, message: "INVALID_CLIENT: Invalid redirect URI"), .provider("Spotify")),
    (.refused(status: 400, message: "Invalid redirect URI"), .provider("Spotify")),
    (.unavailable, .provider("Spotify")),
  ]

  @Test(arguments: refusals)
  func `a user hears what is wrong with what was sent, and not what is wrong with us`(
    error: ServiceError, failure: Failure
  ) {
    #expect(SpotifyHandler.failure(error) == failure)
  }

  @Test(arguments: [
    -1, 0, 100, 101, 200, 204, 301, 302, 304, 401, 403, 404, 407, 408, 410, 418, 429, 451, 500, 503, 999,
  ])
  func `the token host's statuses are not passed on`(status: Int) {
    let response = Response(SpotifyHandler.failure(.refused(status: status, message: "x")))
    #expect(response.status == 503)
    #expect(response.retryAfter != nil)
    #expect(response.caching == .none)
  }

  @Test func `what the token host says is told in few words`() {
    let long = String(repeating: "x", count: 10_000)
    let response = Response(SpotifyHandler.failure(.refused(status: 400, message: long)))
    guard case .json(let bytes) = response.payload else { return #expect(Bool(false)) }
    #expect(response.status == 400)
    #expect(bytes.count < 300)
  }
}
