internal import Core
internal import HTTP

/// What an answer of ws/2 means.
enum Reply {
  case body(Node)
  /// The redirect of a merged id whose body says nothing: the id that it leads to.
  case moved(MBID)
  /// ws/2's own "Not Found". One of a gateway means nothing.
  case missing
  /// The server has no time just now, for nobody in particular.
  case busy
  /// We have asked too often, or are asked to wait, in seconds.
  case limited(seconds: Int, reason: String)
  /// Anything else.
  case refused(String)

  /// For whoever asks too often and is not told for how long to wait, in seconds.
  private static let pauseWithoutRetryAfter = 2

  init(_ response: HTTPResponse) {
    let json = JSONValue(response.body)
    let error = json?["error"].text
    switch response.status {
    case 200, 301, 302, 307, 308:
      if let json, error == nil, let node = try? Node(json, "the answer"), json["error"].isNull {
        self = .body(node)
      } else if response.status == 200 {
        // What the body says is not for logs: it may say what was asked for.
        self = error == nil ? .refused("its answer is no JSON") : .refused("status 200 with an error")
      } else if let id = response.location.flatMap(Reply.id) {
        self = .moved(id)
      } else {
        self = .refused("a redirect to nowhere")
      }
    case 404 where error.map { $0.utf8.elementsEqual("Not Found".utf8) } ?? false: self = .missing
    case 429: self = .limited(seconds: response.retryAfter ?? Reply.pauseWithoutRetryAfter, reason: "status 429")
    case 503:
      // A busy server asks to be asked again at once; what limits us gives a number of seconds.
      if let seconds = response.retryAfter {
        self = .limited(seconds: seconds, reason: "status 503")
      } else if error?.utf8.elementsEqual(Reply.limitText.utf8) ?? false {
        self = .limited(seconds: Reply.pauseWithoutRetryAfter, reason: "status 503")
      } else if error != nil {
        self = .busy
      } else {
        self = .refused("status 503 without an explanation")
      }
    default: self = .refused("status \(response.status)")
    }
  }

  private static let limitText =
    "Your requests are exceeding the allowable rate limit. Please see "
    + "http://wiki.musicbrainz.org/XMLWebService for more information."

  /// The id in `https://musicbrainz.org/ws/2/artist/{id}?inc=…`.
  private static func id(in location: String) -> MBID? {
    let path = location.prefix { $0 != "?" && $0 != "#" }
    return path.split(separator: "/").last.flatMap { MBID($0) }
  }
}
