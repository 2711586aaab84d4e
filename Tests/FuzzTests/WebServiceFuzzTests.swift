import Cache
import Core
import HTTP
import Logging
import Metadata
import Testing

@testable import WebService

/// Answers of MusicBrainz' web service: whatever comes becomes an entity, or an error.
@Suite struct WebServiceFuzzTests {
  static let id: MBID = "00000000-0000-4000-8000-0000000000a1"

  static let credit = #""artist-credit":[{"name":"N","artist":{"id":"\#(id)","name":"N"}}]"#
  static let rating = #""rating":{"value":4.35,"votes-count":3}"#

  static let artist =
    #"{"id":"\#(id)","name":"N","sort-name":"N","disambiguation":"d","type":"Group","life-span":{"ended":false},\#(rating),"#
    + #""aliases":[{"name":"a","sort-name":"a","locale":"ja","primary":true,"type":null,"type-id":null}],"#
    + #""genres":[{"name":"rock","count":2}],"relations":[{"target-type":"url","url":{"resource":"https://a.b/"}}]}"#
  static let groups =
    #"{"release-groups":[{"id":"\#(id)","title":"T","primary-type":"Album","secondary-types":["Live"],\#(rating),"#
    + #""first-release-date":"2001-??-15",\#(credit)}],"release-group-count":1,"release-group-offset":0}"#
  static let track =
    #"{"id":"\#(id)","title":"T","number":"A1","position":1,"length":5,\#(credit),"recording":{"id":"\#(id)","video":false}}"#
  static let releases =
    #"{"releases":[{"id":"\#(id)","title":"R","status":"Official","disambiguation":"","date":"1999","country":"XE","#
    + #""release-events":[{"date":"1999-06","area":{"name":"Europe"}}],"label-info":[{"label":{"name":"L"}}],"#
    + #""cover-art-archive":{"front":true,"darkened":false},"release-group":{"id":"\#(id)"},"media":[{"position":1,"#
    + #""title":"","format":"CD","track-count":1,"tracks":[\#(track)],"pregap":\#(track),"data-tracks":[\#(track)]}]}],"#
    + #""release-count":1,"release-offset":0}"#
  static let album =
    #"{"id":"\#(id)","title":"T","secondary-types":[],\#(credit),\#(rating),"genres":[],"aliases":[],"relations":[]}"#
  static let series =
    #"{"id":"\#(id)","relations":[{"target-type":"release_group","type-id":"01018437-91d8-36b9-bf89-3f885d53b5bd","#
    + #""ordering-key":3,"attribute-values":{"number":"3a"},"release_group":\#(album)}]}"#
  static let pages =
    #"{"urls":[{"resource":"https://open.spotify.com/artist/a","relations":[{"target-type":"artist","artist":{"id":"\#(id)"}}]}]}"#

  final class Fetcher: HTTPFetcher {
    var answer: (String) -> HTTPResponse = { _ in HTTPResponse(status: 500, body: []) }

    func run(
      _ exchanges: [HTTPExchange], by deadline: Deadline,
      next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
    ) {
      for exchange in exchanges { _ = next(exchange.id, .success(answer(exchange.request.url))) }
    }
  }

  @Test func `whatever ws/2 says becomes an entity or an error`() throws {
    let bodies = [Self.artist, Self.groups, Self.releases, Self.album, Self.series, Self.pages].map { Array($0.utf8) }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    try Fuzz("ws2", inputs: 600).run(bodies) { input, randomness in
      let tier = MemoryTier(limit: 1 << 20)
      let fetcher = Fetcher()
      var options = WebServiceOptions(baseURL: "http://ws.test/ws/2")
      options.intervalMilliseconds = 0
      let source = MusicBrainzWebService(
        options, fetcher: fetcher, shared: tier, coordination: TierCoordination(shared: tier, namespace: "x"),
        logger: logger)
      var luck = randomness
      fetcher.answer = { url in
        if luck.once(in: 2) {
          return HTTPResponse(
            status: luck.once(in: 6) ? luck.one(of: [0, 301, 404, 500, 999, -1]) : 200, location: "https://x/\(url)",
            body: input)
        }
        let body =
          url.contains("release-group?")
          ? Self.groups
          : url.contains("release?")
            ? Self.releases
            : url.contains("release-group/")
              ? Self.album
              : url.contains("series/") ? Self.series : url.contains("url?") ? Self.pages : Self.artist
        return HTTPResponse(status: 200, body: Array(body.utf8))
      }
      var deadline: Deadline { .after(milliseconds: 1_000) }
      let discography = try? source.discographies([Self.id], albumless: [], by: deadline)
      for album in discography?[Self.id]?.albums ?? [] {
        try check(!album.statuses.isEmpty || album.id != Self.id, "an album without a status")
      }
      _ = try? source.albums([Self.id], by: deadline)
      _ = try? source.series(Self.id, by: deadline)
      _ = try? source.identify(Self.id, by: deadline)
      _ = try? source.identify(urls: ["https://a.b/c"], by: deadline)
      _ = try? source.links(toSpotify: [SpotifyID("a")].compactMap(\.self), by: deadline)
      _ = try? source.albums(holding: [Self.id], by: deadline)
      _ = source.state
    }
  }
}
