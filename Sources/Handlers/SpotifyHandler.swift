internal import Core
internal import Metadata

/// `GET /spotify/artist/{id}` and `GET /spotify/album/{id}`, which lead to the artist or album;
/// `POST /spotify/lookup`; and `GET /spotify/auth` and `GET /spotify/renew`, which sign users in at Spotify.
struct SpotifyHandler {
  let directory: SpotifyDirectory
  /// nil without credentials.
  let service: (any SpotifyService)?
  let states: SpotifyStates
  let limits: Limits

  private static let longestList = 20_000

  var routes: [Router.Route] {
    [
      Router.Route("GET", "spotify/artist/*") { request, open throws(Failure) in
        try find(.artist, open[0], request)
      },
      Router.Route("GET", "spotify/album/*") { request, open throws(Failure) in try find(.album, open[0], request) },
      Router.Route("POST", "spotify/lookup", lookup),
      Router.Route("GET", "spotify/auth", authorize),
      Router.Route("GET", "spotify/renew", renew),
    ]
  }

  private var deadline: Deadline { .after(milliseconds: limits.requestDeadline) }

  private func find(_ kind: EntityID.Kind, _ text: String, _ request: Request) throws(Failure) -> Response {
    guard let id = SpotifyID(text) else { throw .notFound("Not found", seconds: Response.badRequestSeconds) }
    let answer: SpotifyDirectory.Answer
    do throws(SpotifyDirectory.Problem) {
      answer = try directory.find(kind, id, by: deadline)
    } catch {
      switch error {
      case .source(let reason): throw .source(reason)
      case .spotify: throw .provider("Spotify")
      }
    }
    let seconds = max(0, answer.expires - .now)
    guard let target = answer.target else { throw .notFound("Not found", seconds: seconds) }
    return Response(
      status: 301, .json(Array("{}".utf8)), caching: .shared(seconds: seconds),
      location: "\(root(of: request))\(kind == .artist ? "artist" : "album")/\(target)")
  }

  /// What the path of another route begins with. Where a key may stand in the path it is told relative to the request, so
  /// that it leads behind the same key without naming it: the answer is also given to those who have another.
  private func root(of request: Request) -> String {
    if let admission = request.admission { return String(repeating: "../", count: admission.levels(ofLast: 3)) }
    return (request.mount + request.path.dropLast(3)).map { "/" + PercentEncoding.encoded($0) }.joined() + "/"
  }

  /// A list of ids is answered with a list of what they are, in the same order, each once. 0 is a known miss, null is
  /// unknown: the client asks for those one by one.
  private func lookup(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    guard let json = JSONValue(try request.body.bytes()), json.isArray,
      json.elements.count <= SpotifyHandler.longestList
    else {
      throw .badParameter("Bad Request - expected JSON list of spotify IDs as post body")
    }
    // Their bytes: to hash a string takes time that grows with the square of its length, for some.
    var seen: Set<[UInt8]> = []
    var names: [String] = []
    for element in json.elements {
      guard let name = element.text else {
        throw .badParameter("Bad Request - expected JSON list of spotify IDs as post body")
      }
      if seen.insert(Array(name.utf8)).inserted { names.append(name) }
    }
    let ids = names.compactMap { SpotifyID($0) }
    let known = ids.isEmpty ? [:] : directory.know(ids, by: deadline)
    var writer = JSONWriter(reservingCapacity: names.count * 100)
    writer.array(names) { writer, name in
      writer.raw(#"{"spotifyid":"#)
      writer.string(name)
      writer.raw(#","musicbrainzid":"#)
      switch SpotifyID(name).flatMap({ known[$0] }) ?? .unknown {
      case .known(let target): writer.mbid(target)
      case .knownMiss: writer.raw("0")
      case .unknown: writer.raw("null")
      }
      writer.raw("}")
    }
    return Response(.json(writer.bytes), caching: .none)
  }

  private func authorize(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    guard let code = request.query["code"], !code.isEmpty else { throw SpotifyHandler.illegal("No auth code provided") }
    guard let state = request.query["state"], !state.isEmpty else { throw SpotifyHandler.illegal("No state provided") }
    guard states.admits(state) else { throw SpotifyHandler.illegal("Illegal state value") }
    let tokens = try ask { service throws(ServiceError) in try service.tokens(forCode: code, by: deadline) }
    let query =
      "access_token=\(PercentEncoding.encoded(tokens.access))&expires_in=\(tokens.seconds)"
      + "&refresh_token=\(PercentEncoding.encoded(tokens.refresh))"
    return Response(status: 302, .json(Array("{}".utf8)), caching: .none, location: "\(state)?\(query)")
  }

  private func renew(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    guard let token = request.query["refresh_token"], !token.isEmpty else {
      throw SpotifyHandler.illegal("No refresh token provided")
    }
    let answer = try ask { service throws(ServiceError) in try service.renewal(of: token, by: deadline) }
    return Response(.json(answer), caching: .none)
  }

  /// A bad request that, like every answer to somebody who signs in, nobody may keep.
  private static func illegal(_ message: String) -> Failure { .refused(message) }

  private func ask<Answer>(
    _ question: (any SpotifyService) throws(ServiceError) -> Answer
  ) throws(Failure) -> Answer {
    guard let service else { throw .provider("Spotify") }
    do throws(ServiceError) {
      return try question(service)
    } catch {
      throw SpotifyHandler.failure(error)
    }
  }

  /// What the token host's answer means for the client. Its statuses are not passed on: they are about our request, and
  /// another status than 400 says of the client's own nothing that is true.
  static func failure(_ error: ServiceError) -> Failure {
    switch error {
    // A code that has been used or a token that was revoked: signing in anew helps.
    case .refused(status: 400, let message), .refused(status: 422, let message):
      let isAboutUs = ["invalid client", "invalid_client", "unauthorized_client", "invalid redirect"].contains {
        message.lowercased().hasPrefix($0)
      }
      return isAboutUs ? .provider("Spotify") : .refused("spotify: \(message.prefix(longestReason))")
    case .refused, .unavailable: return .provider("Spotify")
    }
  }

  private static let longestReason = 200
}
