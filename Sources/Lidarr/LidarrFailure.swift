/// Why Lidarr was not pointed anywhere, or that it was and does not find anything there.
public struct LidarrFailure: Error, CustomStringConvertible, Sendable {
  public let description: String
  /// Whether Lidarr's setting is another one than before.
  public var hasChanged: Bool

  public init(_ description: String, hasChanged: Bool = false) {
    // Parts of it come from a server: a line stays one, and no terminal is told anything.
    self.description = String(
      decoding: description.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    self.hasChanged = hasChanged
  }
}
