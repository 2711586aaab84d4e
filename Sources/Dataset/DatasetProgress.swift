/// How far an export or import has come.
public struct DatasetProgress: Equatable, Sendable {
  public var artists = 0
  public var discographies = 0
  public var albums = 0
  /// What could not be taken along: documents that are damaged or of an older form.
  public var leftOut = 0
  /// What was asked for and does not exist.
  public var unknown = 0
  /// What the store had already, as new or newer.
  public var known = 0

  public init() {}

  public var documents: Int { artists + discographies + albums }
}
