internal import Core

/// `GET /metrics`: what the pool counts, for whoever may know.
struct MetricsHandler {
  let metrics: Metrics

  var routes: [Router.Route] { [Router.Route("GET", "metrics", get)] }

  private func get(_ request: Request, _ open: [String]) throws(Failure) -> Response {
    guard request.mayLookInside(key: nil) || metrics.isKey(request.key) else {
      throw .forbidden("Metrics are not for everybody")
    }
    guard let text = metrics.text else {
      throw .notFound("Metrics are summed by the master of a pool (serve --socket), and there is none", seconds: 0)
    }
    return Response(.text(Array(text().utf8), type: metrics.contentType), caching: .none)
  }
}

/// What is counted, and who may know.
public struct Metrics {
  private let key: String?
  let contentType: String
  /// nil where nobody sums what the processes count.
  let text: (() -> String)?

  /// - Parameter key: lets in whoever sends it.
  public init(key: String? = nil, contentType: String = "text/plain", text: (() -> String)? = nil) {
    self.key = key
    self.contentType = contentType
    self.text = text
  }

  /// Whether it is the key, by itself or as a bearer token.
  func isKey(_ sent: String?) -> Bool {
    guard let key, var sent = sent?.utf8[...] else { return false }
    let scheme = sent.prefix(7).map { $0 | 0x20 }
    if scheme.elementsEqual("bearer ".utf8) { sent = sent.dropFirst(7) }
    // All bytes are compared, so that the time tells nothing of how many are right.
    return sent.count == key.utf8.count && zip(sent, key.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
