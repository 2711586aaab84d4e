internal import ArgumentParser
internal import Cache
internal import Core
internal import Freshness
internal import Metadata
internal import MusicBrainz
internal import Pool
internal import SQLiteStore
internal import Settings

/// `linernotes initialize`: fills the store with every id of MusicBrainz.
struct Initialize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fill the durable cache with every id that the MusicBrainz database has.",
    discussion: """
      Artists and albums are added as ids that have yet to be made into documents; `linernotes crawl` makes them, behind \
      whatever people ask for. Of Spotify, what MusicBrainz links to is added as it is. Ended in the middle, it goes on \
      there the next time; done again, it adds what is new.
      """)

  /// What there is to fill the store with.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case artists, albums, spotify, all
  }

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("artists, albums, spotify, or all.", valueName: "what"))
  var parts: [Part]

  func run() throws { try Initialize.fill(parts, try Application.loadSettings(common), StopSignal()) }

  static func fill(_ parts: [Part], _ settings: Settings, _ stop: StopSignal) throws {
    let application = try Application(settings, isPatient: true, isStopping: { stop.isPending })
    guard let database = application.database else {
      throw CommandFailure(
        "only a MusicBrainz database can list its ids, and neither the web service nor a dataset file can: "
          + "set MUSICBRAINZ__SOURCE=database")
    }
    guard let durable = application.durable else {
      throw CommandFailure("there is no durable cache to fill: CACHE__POSTGRES_URL names it")
    }
    defer { application.storeFile?.close() }
    let wanted = parts.contains(.all) ? Part.allCases : parts
    do throws(SourceError) {
      try database.ping(by: .after(milliseconds: patientMilliseconds))
      try Application.layOut(durable)
      let initializer = Initializer(durable)
      for part in Part.allCases where wanted.contains(part) && part != .all {
        var line = ProgressLine()
        var latest = Initializer.Progress()
        let isWhole = try fill(part, initializer, application, database) { progress in
          latest = progress
          line.show(words(part, progress, line))
          return !stop.isPending
        }
        line.end(words(part, latest, line) + (isWhole ? "" : "; stopped, and goes on there the next time"))
        guard isWhole else { return }
      }
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  private static let patientMilliseconds = 60_000

  private static func fill(
    _ part: Part, _ initializer: Initializer, _ application: Application, _ database: MusicBrainzDatabase,
    report: (Initializer.Progress) -> Bool
  ) throws(SourceError) -> Bool {
    let pages = { (kind: EntityID.Kind) -> Initializer.Pages in
      { after, limit throws(SourceError) in
        try database.ids(of: kind, after: after, limit: limit, by: .after(milliseconds: patientMilliseconds))
      }
    }
    switch part {
    // An artist is made with its list.
    case .artists: return try initializer.fill(.artistAlbums, from: pages(.artist), report: report)
    case .albums: return try initializer.fill(.album, from: pages(.album), report: report)
    case .spotify, .all:
      let last = try database.lastAddress(by: .after(milliseconds: patientMilliseconds))
      return try initializer.fill(
        named: "spotify", upTo: last,
        { after, last throws(SourceError) in
          let links = try database.spotifyLinks(
            after: after, upTo: last, by: .after(milliseconds: patientMilliseconds))
          try application.spotifyIDs.keep(links)
          application.store.catchUp()
          guard !application.store.hasBacklog else {
            throw SourceError(.unavailable, "the durable cache does not take what is kept")
          }
          return links.count
        }, report: report)
    }
  }

  private static func words(_ part: Part, _ progress: Initializer.Progress, _ line: ProgressLine) -> String {
    let rate = line.rate(of: progress.done)
    var words = "\(part.rawValue): \(progress.done), \(Int(progress.fraction * 100)) %, \(rate)/s"
    let share = progress.fraction - progress.began
    if share > 0, progress.fraction < 1 {
      words += ", \(Int(line.seconds * (1 - progress.fraction) / share) + 1) s left"
    }
    return words
  }
}

/// What the original's crawler calls it.
struct InitializationFlags: ParsableArguments {
  @Flag(help: .hidden) var initializeArtists = false
  @Flag(help: .hidden) var initializeAlbums = false
  @Flag(help: .hidden) var initializeSpotify = false

  var parts: [Initialize.Part] {
    (initializeArtists ? [.artists] : []) + (initializeAlbums ? [.albums] : [])
      + (initializeSpotify ? [.spotify] : [])
  }
}
