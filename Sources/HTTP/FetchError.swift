/// Why there is no answer.
public enum FetchError: Error, Equatable, Sendable {
  /// Not in time, or not all of it.
  case timedOut
  /// It never came to asking: time was up while others were asked over the same connections.
  case notStarted
  case unreachable
  /// It has a certificate that is not trusted, or the file of those that are cannot be read.
  case untrusted
  case tooLarge
  /// The connection ended before the answer did.
  case truncated
  /// Whatever came was not HTTP; libcurl's number says more.
  case broken(Int)
  /// The URL, or the one it redirects to, is none that the provider is expected at.
  case refused
  /// There is no libcurl here.
  case unsupported
}
