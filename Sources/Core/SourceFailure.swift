/// The errors of work that depends on a source. One of them is that the source fails.
public protocol SourceFailure: Error {
  init(_ error: SourceError)
}

extension SourceError: SourceFailure {
  public init(_ error: SourceError) { self = error }
}
