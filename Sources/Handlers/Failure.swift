internal import Core

/// Why a handler does not answer with what was asked for.
enum Failure: Error, Equatable {
  case invalidUUID
  /// A parameter or a body that cannot be understood; the text names it.
  case badParameter(String)
  case bodyTooLong
  /// The key that the route asks for is missing or wrong.
  case unauthorized
  /// Not for whoever asks; the text says what, or what would have to be set.
  case forbidden(String)
  /// A page of another site asks for what only this server's own may.
  case foreign
  case notFound(String, seconds: Int64)
  case source(SourceError)
  /// It has to be built, and is; so long it takes until its turn has come.
  case queued(place: Int, seconds: Int)
  /// It has to be built, and there is no room for that; the text says why.
  case notQueued(String)
  /// Somebody else's service does not answer; the text says whose.
  case provider(String)
  /// What is asked on behalf of somebody who signs in is refused, here or by somebody else's service. Unlike other bad
  /// requests nobody may keep the answer.
  case refused(String)
}

extension Response {
  /// The one table of what a failure looks like to the client.
  ///
  /// 404 only where MusicBrainz has said so, because the client deletes what is not found; whatever else goes wrong is
  /// 503, which it only reports.
  init(_ failure: Failure) {
    self =
      switch failure {
      case .invalidUUID:
        .error(400, "Invalid UUID", caching: .shared(seconds: Response.badRequestSeconds))
      case .badParameter(let message):
        .error(400, message, caching: .shared(seconds: Response.badRequestSeconds))
      case .unauthorized:
        .error(401, "Unauthorized")
      case .forbidden(let message):
        .error(403, message)
      case .foreign:
        .error(403, "Another site may not ask for this")
      case .bodyTooLong:
        .error(413, "Request body too large")
      case .notFound(let message, let seconds):
        .error(404, message, caching: seconds > 0 ? .shared(seconds: seconds) : .none)
      case .provider(let name):
        .error(503, "\(name) is not available", retryAfter: 30)
      case .refused(let message):
        .error(400, message)
      case .queued(let place, let seconds):
        .queued(place: place, seconds: seconds)
      case .notQueued(let message):
        .error(503, message, retryAfter: 60)
      case .source(let error):
        switch error.code {
        case .timedOut: .error(503, "No answer in time", retryAfter: 10)
        case .unavailable: .error(503, "Temporarily not available", retryAfter: 5)
        case .failed: .error(503, "Could not be answered", retryAfter: 30)
        case .empty: .error(503, "Not loaded yet", retryAfter: 60)
        case .notSetUp: .error(503, error.reason, retryAfter: 60)
        case .crowded: .error(503, "Too many are waiting", retryAfter: 10)
        }
      }
  }

  /// `{"error":"Waiting to be built","queue":{"place":3,"seconds":12}}`
  private static func queued(place: Int, seconds: Int) -> Response {
    var json = JSONWriter()
    json.raw(#"{"error":"Waiting to be built","queue":{"place":"#)
    json.integer(place)
    json.raw(#","seconds":"#)
    json.integer(seconds)
    json.raw("}}")
    return Response(status: 503, .json(json.bytes), caching: .none, retryAfter: seconds)
  }

  static let unknownRoute = Response.error(
    404, "Nothing matches the given URI", caching: .shared(seconds: badRequestSeconds))

  static let unreadable = Response.error(400, "Not a request")

  static let internalError = Response.error(500, "Internal server error")

  /// A wrong URL stays wrong, but a new version may know a new route.
  static let badRequestSeconds: Int64 = 300
}
