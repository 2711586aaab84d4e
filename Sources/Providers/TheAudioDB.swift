internal import Cache
internal import Core
internal import HTTP
internal import Metadata
internal import Settings

extension CacheKey.Kind {
  static let theAudioDB = CacheKey.Kind("tadb", parts: 1...1).with { $0.isSource = true }
}

/// TheAudioDB: pictures and biographies of artists, by MBID; the biography in the first of the preferred languages that
/// has one, else the English one.
struct TheAudioDB: Upstream {
  struct Options {
    var apiKey: String
    var baseURL: String
    /// As Wikipedia calls them.
    var languages = ["en"]
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
  private let languages: [String]
  /// Fields of biographies, in the order of preference.
  private let biographies: [String]

  /// - Returns: nil without a key.
  init?(_ settings: Settings) {
    guard let key = settings.theAudioDB.apiKey else { return nil }
    self.init(
      Options(
        apiKey: key.value, baseURL: settings.theAudioDB.baseURL, languages: settings.wikipedia.languages,
        connections: settings.theAudioDB.connections, seconds: Int64(settings.ttl.theAudioDB),
        limit: settings.rateLimit.theAudioDB))
  }

  init(_ options: Options) {
    baseURL = options.baseURL
    apiKey = options.apiKey
    languages = options.languages
    biographies = (options.languages + ["en"]).map(TheAudioDB.biography)
    seconds = options.seconds
    limit = options.limit
    service = HTTPService(
      origins: Set([Origin(of: options.baseURL)].compactMap(\.self)), connections: options.connections,
      timeoutMilliseconds: options.timeoutMilliseconds)
  }

  func asks(_ name: String) -> Bool {
    name.dropFirst(36) == (languages == ["en"] ? "" : " \(languages.joined(separator: ","))")
  }

  func question(about subject: Subject) -> Question? {
    guard subject.kind == .artist else { return nil }
    // Another choice of languages is another question. That documents change with it, Wikipedia says for both.
    guard languages != ["en"] else { return Question(.theAudioDB, subject.id) }
    return Question(.theAudioDB, subject.id, named: "\(subject.id) \(languages.joined(separator: ","))")
  }

  /// The name of the field with the biography in a language: TheAudioDB calls some by their country.
  private static func biography(in language: String) -> String {
    let countries = ["zh": "CN", "ja": "JP", "sv": "SE", "he": "IL", "nb": "NO", "nn": "NO"]
    // Variants such as `zh-yue` are other languages.
    return "strBiography\(countries[language] ?? language.uppercased())"
  }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    guard let answer = answers.last else {
      return .ask(HTTPRequest("\(baseURL)/\(URLText.encoded(apiKey))/artist-mb.php?i=\(question.key.id)"))
    }
    // A wrong key is 404, with a page; an unknown artist is 200.
    guard answer.status == 200 else { throw .status(answer.status) }
    let text = answer.utf8Body
    guard let json = JSONValue(text) else { return try salvaged(from: text) }
    guard json.isObject, json.members.keys.contains("artists") else { throw .malformed }
    // A list of one; an object has been seen in its place.
    let artist = json["artists"].isObject ? json["artists"] : json["artists"][0]
    guard artist.isObject else { return .absent }
    return .found(finding { artist[$0].text })
  }

  private func finding(_ value: (String) -> String?) -> Finding {
    let pictures: [(ImageKind, String)] = [
      (.banner, "strArtistBanner"), (.fanart, "strArtistFanart"), (.logo, "strArtistLogo"),
      (.poster, "strArtistThumb"),
    ]
    return Finding(
      pictures: pictures.compactMap { kind, field in
        value(field).flatMap { JSONValue.string($0).url }.flatMap { Picture(kind, $0) }
      },
      overview: biographies.lazy.compactMap(value).map(Prose.trimmed).first { !$0.isEmpty } ?? "")
  }

  /// Some biographies break the JSON around them, for instance with quotes that are not escaped. A field is what stands
  /// between its name and the quote before the next field's; one that cannot be told from what follows it is none.
  private func salvaged(from text: [UInt8]) throws(UpstreamError) -> Step {
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
