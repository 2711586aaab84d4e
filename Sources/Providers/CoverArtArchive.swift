internal import Cache
internal import Core
internal import HTTP
internal import Metadata
internal import Settings

extension CacheKey.Kind {
  static let coverArt = CacheKey.Kind("caa", parts: 1...1).with { $0.isSource = true }
}

/// The Cover Art Archive: covers and discs of albums whose source knows only how many images there are
/// (``Release/artwork``). An album takes one request, or two. It needs no key.
///
/// `/release-group/{mbid}` lists the images of the release that stands for the group: the one that MusicBrainz' editors
/// chose, else the earliest that has a front. `/release/{mbid}` lists those of a release. Both redirect to a file at
/// archive.org, and answer 404 where there is none.
struct CoverArtArchive: Upstream {
  struct Options {
    var apiURL: String
    /// Where clients are sent for pictures.
    var pictureURL: String
    var connections = 4
    /// For each of the redirects before an answer, too.
    var timeoutMilliseconds = 5_000
    var seconds: Int64
    var limit: Int?
  }

  let name = "caa"
  let kind = CacheKey.Kind.coverArt
  let service: HTTPService
  let seconds: Int64
  let limit: Int?
  /// fanart.tv's pictures go before its own and are often all that is needed.
  let isLastResort = true
  private let apiURL: String
  private let pictureURL: String

  /// - Returns: nil where the settings say that it is not to be asked.
  init?(_ settings: Settings) {
    guard let url = settings.coverArtArchive.apiURL else { return nil }
    self.init(
      Options(
        apiURL: url, pictureURL: settings.coverArtArchive.baseURL, seconds: Int64(settings.ttl.coverArtArchive),
        limit: settings.rateLimit.coverArtArchive))
  }

  init(_ options: Options) {
    apiURL = options.apiURL
    pictureURL = options.pictureURL
    seconds = options.seconds
    limit = options.limit
    service = HTTPService(
      origins: Set([Origin(of: options.apiURL)].compactMap(\.self)), redirectDomains: ["archive.org"],
      connections: options.connections, timeoutMilliseconds: options.timeoutMilliseconds, redirects: 3)
  }

  func question(about subject: Subject) -> Question? {
    guard subject.kind == .album, let candidates = Candidates(among: subject.releases) else { return nil }
    // Other candidates make another question, so that a release's first image is seen at once. So does another address:
    // findings hold addresses.
    return Question(.coverArt, subject.id, named: "\(candidates.text)\(pictureURL)")
  }

  func isNeeded(besides findings: [Finding], about subject: Subject) -> Bool {
    guard let candidates = Candidates(among: subject.releases) else { return false }
    let kinds = Set(findings.flatMap(\.pictures).map(\.kind))
    return !kinds.contains(.cover) && !candidates.fronts.isEmpty
      || !kinds.contains(.disc) && !candidates.media.isEmpty
  }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    let candidates = Candidates(text: question.name)
    guard let first = answers.first else {
      return ask(candidates.only.map { "release/\($0)" } ?? "release-group/\(question.key.id)")
    }
    let listing = try Listing(first, of: candidates)
    let rival = candidates.rival(of: listing)
    if answers.count == 1, let next = rival ?? candidates.nextMedium(after: listing) { return ask("release/\(next)") }
    let other = try answers.dropFirst().first.flatMap { answer throws(UpstreamError) in
      try Listing(answer, of: candidates)
    }
    guard listing != nil || other != nil else {
      // archive.org forbids what it has taken down, but also what it has trouble with.
      if answers.contains(where: { $0.status == 403 }) { throw .status(403) }
      return .absent
    }
    return .found(finding(rival == nil ? [listing, other] : [other, listing], hasRival: rival != nil))
  }

  /// MusicBrainz says that there are images.
  func doubts(absenceOf question: Question) -> Bool { true }

  private func ask(_ path: String) -> Step { .ask(HTTPRequest("\(apiURL)/\(path)")) }

  /// - Parameter listings: in the order of preference. Only with a rival is there a choice of fronts.
  private func finding(_ listings: [Listing?], hasRival: Bool) -> Finding {
    func best(_ images: [Listing.Image?]) -> CoverArt? {
      let images = images.compactMap(\.self)
      return (images.first { !$0.isRaw } ?? images.first)?.art
    }
    let front = best(listings.prefix(hasRival ? 2 : 1).map { $0?.front })
    let medium = best(listings.map { $0?.medium })
    return Finding(
      pictures: [(ImageKind.cover, front), (.disc, medium)].compactMap { kind, art in
        art.flatMap { Picture(kind, of: $0, at: pictureURL) }
      })
  }
}

// MARK: - Which releases to ask about

extension CoverArtArchive {
  /// The releases whose images may be shown, the best first: official ones before others, then in the album's order.
  struct Candidates: Equatable {
    /// With a front.
    var fronts: [MBID] = []
    /// Those of them that are not official, where the best is, and are as old as that. If the archive lists such a one,
    /// it may be for its age alone.
    var early: Set<MBID> = []
    /// That may have a picture of a medium: two at most, as no more are asked about.
    var media: [MBID] = []

    /// More than that many fronts are not told from releases that are not the album's.
    private static let mostFronts = 300

    /// - Returns: nil where there is nothing to ask for.
    init?(among releases: [Release]) {
      let withArt = releases.filter { $0.artwork != nil }
      guard !withArt.isEmpty else { return nil }
      let isOfficial = { (release: Release) in release.status == "Official" }
      let best = withArt.filter(isOfficial) + withArt.filter { !isOfficial($0) }
      let fronts = best.filter { $0.artwork?.hasFront == true }.prefix(Candidates.mostFronts)
      self.fronts = fronts.map(\.id)
      media = best.filter { $0.artwork?.mayHaveMedium == true }.prefix(2).map(\.id)
      guard !self.fronts.isEmpty || !media.isEmpty else { return nil }
      guard let first = fronts.first, isOfficial(first) else { return }
      let age = Candidates.age(first)
      early = Set(fronts.filter { !isOfficial($0) && Candidates.age($0) <= age }.map(\.id))
    }

    /// By which the archive orders releases. What is not known of a date comes last.
    private static func age(_ release: Release) -> (Int, Int, Int) {
      (release.date.year ?? .max, release.date.month ?? .max, release.date.day ?? .max)
    }

    /// Whose images are asked for where the group's need not be.
    var only: MBID? { fronts.count > 1 ? nil : fronts.first ?? media.first }

    /// Whose front may be better than that of the release that the archive has listed for the group.
    func rival(of listing: Listing?) -> MBID? {
      guard only == nil, listing?.release != fronts.first else { return nil }
      guard let listing, listing.front != nil else { return fronts.first }
      return early.contains(listing.release) ? fronts.first : nil
    }

    /// Who may have a medium's picture if the listing has none.
    func nextMedium(after listing: Listing?) -> MBID? {
      guard listing?.medium == nil else { return nil }
      let asked = listing?.release ?? only
      return media.first { $0 != asked }
    }

    func contains(_ release: MBID) -> Bool { fronts.contains(release) || media.contains(release) }

    // MARK: As text

    /// A letter and an id for each, each with a space behind it.
    var text: String {
      (fronts.map { "\(early.contains($0) ? "e" : "f")\($0) " } + media.map { "m\($0) " }).joined()
    }

    /// - Parameter text: may have anything else in it.
    init(text: String) {
      for word in text.split(separator: " ") {
        guard let id = MBID(word.dropFirst()) else { continue }
        switch word.first {
        case "f": fronts.append(id)
        case "e":
          fronts.append(id)
          early.insert(id)
        case "m": media.append(id)
        default: continue
        }
      }
    }
  }
}

// MARK: - What the archive says

extension CoverArtArchive {
  /// The images of a release.
  struct Listing: Equatable {
    struct Image: Equatable {
      var art: CoverArt
      /// Whether nobody has cropped or straightened it yet.
      var isRaw: Bool
    }

    var release: MBID
    var front: Image?
    var medium: Image?

    /// - Returns: nil where there is none, also of a release that is not among the candidates: its images may have been
    ///   darkened, or it may be new.
    init?(_ answer: HTTPResponse, of candidates: Candidates) throws(UpstreamError) {
      guard answer.status != 404, answer.status != 403 else { return nil }
      let json = try answer.json()
      guard json["images"].isArray, let url = json["release"].url,
        let release = url.split(separator: "/").last.flatMap({ MBID($0) })
      else { throw .malformed }
      guard candidates.contains(release) else { return nil }
      self.release = release
      let images = json["images"].elements
      front =
        Listing.best(images, of: release) { Listing.shows("Front", $0) }
        ?? Listing.best(images, of: release) { $0["front"].isTrue }
      medium = Listing.best(images, of: release) { Listing.shows("Medium", $0) }
    }

    /// The first clean scan, else the first raw one. They come in their order.
    private static func best(_ images: [JSONValue], of release: MBID, where isShown: (JSONValue) -> Bool) -> Image? {
      let fitting = images.lazy.filter(isShown).compactMap { image in
        // A number in some answers, a string in others.
        image["id"].int(in: 1...Int.max).map {
          Image(art: CoverArt(release: release, image: Int64($0)), isRaw: shows("Raw/Unedited", image))
        }
      }
      return fitting.first { !$0.isRaw } ?? fitting.first
    }

    private static func shows(_ type: String, _ image: JSONValue) -> Bool {
      image["types"].elements.contains { $0.isText(type) }
    }
  }
}
