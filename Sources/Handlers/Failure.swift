internal import Core

/// Why a handler does not answer with what was asked for.
enum Failure: Error, Equatable {
  case invalidUUID
  /// A parameter or a body that cannot be understood; the text names it.
  case badParameter(String)
  case bodyTooLong
  case notFound(String, seconds: Int64)
  case source(SourceError)
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
      case .bodyTooLong:
        .error(413, "Request body too large")
      case .notFound(let message, let seconds):
        .error(404, message, caching: .shared(seconds: seconds))
      case .source(let error):
        switch error.code {
        case .timedOut: .error(503, "MusicBrainz did not answer in time", retryAfter: 10)
        case .unavailable: .error(503, "MusicBrainz is not available", retryAfter: 5)
        case .failed: .error(503, "MusicBrainz could not answer", retryAfter: 30)
        case .empty: .error(503, "MusicBrainz has not been loaded yet", retryAfter: 60)
        }
      }
  }

  static let unknownRoute = Response.error(
    404, "Nothing matches the given URI", caching: .shared(seconds: badRequestSeconds))

  static let unreadable = Response.error(400, "Not a request")

  static let internalError = Response.error(500, "Internal server error")

  /// A wrong URL stays wrong, but a new version may know a new route.
  static let badRequestSeconds: Int64 = 300
}
