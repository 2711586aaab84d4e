public import Settings

/// The providers of pictures and overviews that the settings ask for, the best first: its pictures and its overview go
/// before those of the later ones.
public struct ProviderList: Sendable {
  /// Makes a provider; nil where the settings do not ask for it.
  typealias Maker = @Sendable (Settings) -> (any Upstream)?

  /// Every provider there is, a line each. All else about one is in its own file.
  static let all: [Maker] = [
    { FanartTV($0) },
    { Wikipedia($0) },
    { TheAudioDB($0) },
    { WikimediaCommons($0) },
    { CoverArtArchive($0) },
  ]

  var upstreams: [any Upstream]
  /// How long all of them together may keep a client waiting, in milliseconds.
  var awaitedMilliseconds = 250
  /// How long they may take where no client waits.
  public var unawaitedMilliseconds = 6_000

  public init(_ settings: Settings) { self.init(settings, of: ProviderList.all) }

  init(_ settings: Settings, of makers: [Maker]) {
    self.init(makers.compactMap { $0(settings) })
    awaitedMilliseconds = settings.external.timeoutMilliseconds
  }

  init(_ upstreams: [any Upstream]) { self.upstreams = upstreams }

  /// What metrics and `/health` call them.
  public var names: [String] { upstreams.map(\.name) }

  /// Changes when what is found would change for every artist and album: part of the stamp of their documents.
  public var generation: String {
    (upstreams.map(\.name) + upstreams.flatMap(\.variants)).joined(separator: ",")
  }
}
