import Testing

@testable import Settings

@Suite struct WebServiceSettingsTests {
  @Test(arguments: ["https://example.org/about", "http://example.org", "me@example.org", "a+b@x"])
  func `a contact is a URL or a mail address`(_ text: String) throws {
    let settings = try load(["MUSICBRAINZ__CONTACT": text])
    #expect(settings.musicBrainz.contact == text)
    #expect(settings.external.userAgent == "Linernotes/1.0 (music metadata server; \(text))")
  }

  @Test(arguments: [
    "me@example.org\r\nX-Evil: 1", "me@example.org\nX: 1", "me@exa\u{0d}mple.org", "(me@example.org)",
    "me@example.org)",
    "me", "@example.org", "me@", "a@b@c", "ftp://example.org", "https://", "me @example.org", "mé@example.org",
    "https://example.org/(x)", "<me@example.org>",
  ])
  func `what could not stand in a header is no contact`(_ text: String) throws {
    let problems = try problems(["MUSICBRAINZ__CONTACT": text])
    #expect(problems.count == 1)
    #expect(
      problems[0].hasSuffix(
        "is not allowed; it must be a URL or mail address in ASCII, without spaces, line breaks and parentheses"))
  }

  @Test func `a user agent that is given is kept`() throws {
    let settings = try load(["MUSICBRAINZ__CONTACT": "me@example.org", "USER_AGENT": "mine"])
    #expect(settings.external.userAgent == "mine")
    #expect(try load([:]).external.userAgent == "Linernotes/1.0 (music metadata server)")
  }

  @Test(arguments: [
    "https://musicbrainz.org/ws/2", "https://beta.musicbrainz.org/ws/2", "http://MusicBrainz.ORG:80/ws/2",
    "https://musicbrainz.org./ws/2", "https://x@musicbrainz.org/ws/2", "https://musicbrainz.org",
  ])
  func `musicbrainz.org is not asked more often than once a second`(_ url: String) throws {
    #expect(try load(["MUSICBRAINZ__BASE_URL": url]).musicBrainz.isOfficialHost)
    let problems = try problems(["MUSICBRAINZ__BASE_URL": url, "MUSICBRAINZ__INTERVAL": "0.9"])
    #expect(problems.count == 1 && problems[0].hasPrefix("MUSICBRAINZ__INTERVAL: less than 1 second"))
    #expect(
      try load(["MUSICBRAINZ__BASE_URL": url, "MUSICBRAINZ__INTERVAL": "1.5"]).musicBrainz.intervalMilliseconds == 1_500
    )
  }

  @Test(arguments: [
    "http://localhost:5000/ws/2", "https://musicbrainz.example.org/ws/2", "https://notmusicbrainz.org/ws/2",
    "https://musicbrainz.org.example.org/ws/2",
  ])
  func `another host may be asked more often`(_ url: String) throws {
    let settings = try load(["MUSICBRAINZ__BASE_URL": url, "MUSICBRAINZ__INTERVAL": "0"])
    #expect(!settings.musicBrainz.isOfficialHost)
    #expect(settings.musicBrainz.intervalMilliseconds == 0)
  }

  @Test func `a web service without a contact is noticed`() throws {
    let notices = try load(["MUSICBRAINZ__SOURCE": "webservice"]).report.notices
    #expect(notices.contains { $0.hasPrefix("MUSICBRAINZ__CONTACT is not set") })
    #expect(try load([:]).report.notices.isEmpty)
  }
}
