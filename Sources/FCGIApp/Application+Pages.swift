internal import Core
@preconcurrency internal import Glibc
internal import Handlers
internal import Page
internal import Settings

/// What people see in a browser.
extension Application {
  static func pages(_ settings: Settings) -> PageOptions {
    PageOptions(images: images(settings), source: source(settings), since: beginning)
  }

  /// Pictures come from the image cache, or else from where the providers keep them.
  private static func images(_ settings: Settings) -> ImagePolicy {
    if let cache = settings.imageCacheHost { return ImagePolicy(sources: [cache]) }
    var sources = ImagePolicy.providers.sources
    // A mirror of the Cover Art Archive, or whatever stands in for it.
    let archive = settings.coverArtArchive.baseURL
    if let scheme = archive.firstRange(of: "://") {
      let host = String(archive[scheme.upperBound...].prefix { $0 != "/" })
      if !host.isEmpty, !sources.contains(host) { sources.append(host) }
    }
    return ImagePolicy(sources: sources)
  }

  private static func source(_ settings: Settings) -> String {
    let source = settings.musicBrainz.source == .database ? "MusicBrainz database" : "MusicBrainz’ web service"
    return settings.dataset == nil ? source : "\(source), and a dataset file"
  }

  /// The variable in which a master tells its workers since when it serves, in Unix time. They come and go.
  static let beginningVariable = "LINERNOTES_SERVING_SINCE"

  private static let beginning: UnixTime? = {
    if let text = environment[beginningVariable], let seconds = Int64(text) { return UnixTime(seconds: seconds) }
    // A CGI script has no past.
    return environment["GATEWAY_INTERFACE"] == nil ? .now : nil
  }()
}
