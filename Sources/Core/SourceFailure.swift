/// The errors of work that hangs on a source, one of which is that the source fails.
public protocol SourceFailure: Error {
  init(_ error: SourceError)
}

extension SourceError: SourceFailure {
  public init(_ error: SourceError) { self = error }
}
