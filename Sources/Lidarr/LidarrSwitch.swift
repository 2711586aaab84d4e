internal import Core
internal import HTTP

/// Points a Lidarr to another metadata server, and back.
public struct LidarrSwitch {
  private let lidarr: LidarrClient
  private let saved: SavedSource
  private let term: String
  private let say: (String) -> Void

  /// - Parameters:
  ///   - term: what is searched for to see whether it works.
  ///   - say: takes a line for the user.
  public init(_ lidarr: LidarrClient, saved: SavedSource, term: String, say: @escaping (String) -> Void) {
    self.lidarr = lidarr
    self.saved = saved
    self.term = term
    self.say = say
  }

  /// Says which metadata server Lidarr asks, and changes nothing.
  public func show() throws(LidarrFailure) {
    try lidarr.open()
    let object = try lidarr.metadataProvider()
    say("Lidarr \(lidarr.version) at \(lidarr.url) asks \(LidarrSwitch.words(object["metadataSource"].text ?? ""))")
    if let entry = try saved.read() {
      say("before: \(LidarrSwitch.words(JSONValue(entry.before)?.text ?? "")) (--revert goes back to it)")
    }
  }

  /// - Parameter server: is asked first whether it is what Lidarr needs; nil takes the address as it is.
  public func point(to url: BaseURL, trying server: MetadataServer?) throws(LidarrFailure) {
    if let server {
      let version = try server.check(term: term)
      say("\(url) answers as LidarrAPI.Metadata does, version \(version)")
    }
    try lidarr.open()
    if url.isLoopback, lidarr.isInContainer {
      say("notice: Lidarr runs in a container, where \(url.origin.host) is the container itself")
    }
    var writer = JSONWriter()
    writer.string(url.text)
    try change(to: writer.bytes) { (before, entry) in
      // What was there before the first of several changes is what one wants to go back to.
      let isOurs = entry.map { JSONValue($0.since) == JSONValue(before) } ?? false
      return SavedSource.Entry(before: isOurs ? entry?.before ?? before : before, since: writer.bytes)
    }
    switch try search() {
    case .found(let count): say("Lidarr searches through it: \(count) results for \"\(term)\"")
    case .failed(let message):
      throw LidarrFailure(
        "\(LidarrSwitch.explanation(of: message, url)). The setting stays; --revert takes it back", hasChanged: true)
    }
  }

  /// Goes back to what was there before the first change, or where nobody knows that to Lidarr's own server.
  public func revert() throws(LidarrFailure) {
    try lidarr.open()
    try change(to: try saved.read()?.before ?? Array(#""""#.utf8)) { _, _ in nil }
    saved.remove()
    switch try search() {
    case .found(let count): say("Lidarr searches through it: \(count) results for \"\(term)\"")
    case .failed(let message): say("notice: a search fails there: \(message)")
    }
  }

  /// Changes the setting, and makes sure that it has changed.
  ///
  /// - Parameter entry: what is to be saved before, given what is there now and what is saved.
  private func change(
    to literal: [UInt8], entry: ([UInt8], SavedSource.Entry?) -> SavedSource.Entry?
  ) throws(LidarrFailure) {
    let wanted = JSONValue(literal)?.text ?? ""
    let object = try lidarr.metadataProvider()
    let present = object["metadataSource"].text ?? ""
    guard present != wanted else {
      say("Lidarr \(lidarr.version) asks \(LidarrSwitch.words(wanted)) already")
      return
    }
    let before = present.isEmpty ? Array(#""""#.utf8) : object.literal("metadataSource") ?? []
    if let entry = entry(before, try saved.read()) { try saved.write(entry) }
    do throws(LidarrFailure) {
      try lidarr.put(object.replacing("metadataSource", with: literal), id: object["id"].int ?? 1)
    } catch {
      // An answer that got lost says nothing about what it answered.
      guard (try? lidarr.metadataProvider()["metadataSource"].text ?? "") == wanted else { throw error }
    }
    let now = try lidarr.metadataProvider()["metadataSource"].text ?? ""
    guard now == wanted else {
      throw LidarrFailure(
        "Lidarr took the change, and says \(LidarrSwitch.words(now)) all the same", hasChanged: now != present)
    }
    say("Lidarr \(lidarr.version) at \(lidarr.url) asks \(LidarrSwitch.words(wanted)) now")
    say("it asked \(LidarrSwitch.words(present)) before")
  }

  private func search() throws(LidarrFailure) -> LidarrClient.Search {
    do throws(LidarrFailure) {
      return try lidarr.search(term)
    } catch {
      throw LidarrFailure("the search through Lidarr failed: \(error)", hasChanged: true)
    }
  }

  /// Lidarr has three messages, which tell what is wrong between it and the server.
  static func explanation(of message: String, _ url: BaseURL) -> String {
    if message.contains("Temporarily Unavailable") {
      return "Lidarr reaches \(url), which answers 503: it has nothing to answer from yet, see \(url)/health"
    }
    if message.contains("Unable to communicate") {
      let isTLS = ["SSL", "TLS", "certificate"].contains { message.contains($0) }
      return isTLS
        ? "Lidarr does not trust the certificate of \(url): \(message)"
        : "Lidarr cannot reach \(url) from where it runs: \(message)"
    }
    if message.contains("Invalid response") {
      return "Lidarr gets something from \(url) that is not JSON: another server, or a proxy in between"
    }
    return "a search in Lidarr fails: \(message)"
  }

  private static func words(_ source: String) -> String {
    source.isEmpty ? "its own server (no address is set)" : source
  }
}
