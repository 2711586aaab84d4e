internal import Cache
internal import Core
internal import HTTP
internal import Metadata
internal import Settings

extension CacheKey.Kind {
  static let theAudioDB = CacheKey.Kind("tadb", parts: 1...1).with { $0.isSource = true }
}

/// TheAudioDB: pictures and biographies of artists, by MBID.
struct TheAudioDB: Upstream {
  struct Options {
    var apiKey: String
    var baseURL: String
    var connections = 5
    var seconds: Int64
    var limit: Int?
    var timeoutMilliseconds = 3_000
  }

  let name = "tadb"
  let kind = CacheKey.Kind.theAudioDB
  let service: HTTPService
  let seconds: Int64
  let limit: Int?
  private let baseURL: String
  private let apiKey: String

  /// - Returns: nil without a key.
  init?(_ settings: Settings) {
    guard let key = settings.theAudioDB.apiKey else { return nil }
    self.init(
      Options(
        apiKey: key.value, baseURL: settings.theAudioDB.baseURL, connections: settings.theAudioDB.connections,
        seconds: Int64(settings.ttl.theAudioDB), limit: settings.rateLimit.theAudioDB))
  }

  init(_ options: Options) {
    baseURL = options.baseURL
    apiKey = options.apiKey
    seconds = options.seconds
    limit = options.limit
    service = HTTPService(
      origins: Set([Origin(of: options.baseURL)].compactMap(\.self)), connections: options.connections,
      timeoutMilliseconds: options.timeoutMilliseconds)
  }

  func question(about subject: Subject) -> Question? {
    subject.kind == .artist ? Question(.theAudioDB, subject.id) : nil
  }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    guard let answer = answers.last else {
      return .ask(HTTPRequest("\(baseURL)/\(URLText.encoded(apiKey))/artist-mb.php?i=\(question.name)"))
    }
    // A wrong key is 404, with a page; an unknown artist is 200.
    guard answer.status == 200 else { throw .status(answer.status) }
    let text = answer.utf8Body
    guard let json = JSONValue(text) else { return try TheAudioDB.salvaged(from: text) }
    guard json.isObject, json.members.keys.contains("artists") else { throw .malformed }
    // A list of one; an object has been seen in its place.
    let artist = json["artists"].isObject ? json["artists"] : json["artists"][0]
    guard artist.isObject else { return .absent }
    return .found(TheAudioDB.finding { artist[$0].text })
  }

  private static func finding(_ value: (String) -> String?) -> Finding {
    let pictures: [(ImageKind, String)] = [
      (.banner, "strArtistBanner"), (.fanart, "strArtistFanart"), (.logo, "strArtistLogo"),
      (.poster, "strArtistThumb"),
    ]
    return Finding(
      pictures: pictures.compactMap { kind, field in
        value(field).flatMap { JSONValue.string($0).url }.flatMap { Picture(kind, $0) }
      },
      overview: value("strBiographyEN").map(Prose.trimmed) ?? "")
  }

  /// Some biographies break the JSON around them, for instance with quotes that are not escaped. A field is what stands
  /// between its name and the quote before the next field's; one that cannot be told from what follows it is none.
  private static func salvaged(from text: [UInt8]) throws(UpstreamError) -> Step {
    let finding = finding { field in
      guard let start = text[...].firstRange(ofBytes: Array("\"\(field)\"".utf8))?.upperBound else { return nil }
      let rest = text[start...].drop { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: " ") }
      guard rest.first == UInt8(ascii: "\""),
        let end = rest.firstRange(ofText: "\", \"")?.lowerBound
          ?? rest.firstRange(ofText: "\",\"")?.lowerBound
      else { return nil }
      var value: [UInt8] = [UInt8(ascii: "\"")]
      var isEscaped = false
      for byte in rest[(rest.startIndex + 1)..<max(end, rest.startIndex + 1)] {
        if byte == UInt8(ascii: "\""), !isEscaped { value.append(UInt8(ascii: "\\")) }
        value.append(byte)
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      }
      value.append(UInt8(ascii: "\""))
      return JSONValue(value)?.text
    }
    guard !finding.isEmpty else { throw .malformed }
    return .found(finding)
  }
}

/// Text for people.
enum Prose {
  /// Without white space at its ends, and without control characters other than line ends.
  static func trimmed(_ text: String) -> String {
    var scalars = text.unicodeScalars[...]
    while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
    while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
    guard scalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) else { return String(scalars) }
    var result = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in scalars {
      if scalar == "\n", previous == "\r" { result.removeLast() }
      result.append(scalar.value < 0x20 && scalar != "\n" ? " " : scalar)
      previous = scalar
    }
    return String(result)
  }
}
