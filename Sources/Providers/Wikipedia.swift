internal import Cache
internal import Core
internal import HTTP
internal import Metadata
internal import Settings

extension CacheKey.Kind {
  static let wikipedia = CacheKey.Kind("wikipedia", parts: 1...1).with { $0.isSource = true }
}

/// Wikipedia, found through the Wikidata or Wikipedia link that MusicBrainz has: the introduction of the article in the
/// preferred language; else Wikidata's description in it; else the introduction in the next language that has one.
struct Wikipedia: Upstream {
  struct Options {
    var languages: [String]
    /// `{language}` stands for a language.
    var baseURL: String
    var wikidataURL: String
    var connections = 1
    var timeoutMilliseconds = 2_000
    var seconds: Int64
    var limit: Int?
  }

  let name = "wikipedia"
  let kind = CacheKey.Kind.wikipedia
  let service: HTTPService
  let seconds: Int64
  let limit: Int?
  private let baseURL: String
  private let wikidataURL: String
  private let languages: [String]
  let variants: [String]

  /// How many articles are tried for one overview.
  private static let mostArticles = 3

  init(_ settings: Settings) {
    self.init(
      Options(
        languages: settings.wikipedia.languages, baseURL: settings.wikipedia.baseURL,
        wikidataURL: settings.wikipedia.wikidataURL, connections: settings.wikipedia.maximumConnectionsPerHost,
        timeoutMilliseconds: settings.wikipedia.timeoutMilliseconds, seconds: Int64(settings.ttl.wikipedia),
        limit: settings.rateLimit.wikipedia))
  }

  init(_ options: Options) {
    baseURL = options.baseURL
    wikidataURL = options.wikidataURL
    // Wikidata takes 50 values for a parameter.
    languages = Array(options.languages.prefix(50))
    seconds = options.seconds
    limit = options.limit
    variants = options.languages
    let urls = [options.wikidataURL] + options.languages.map { Wikipedia.url(options.baseURL, in: $0) }
    service = HTTPService(
      origins: Set(urls.compactMap(Origin.init(of:))), connections: options.connections,
      timeoutMilliseconds: options.timeoutMilliseconds, redirects: 1)
  }

  func question(about subject: Subject) -> Question? {
    guard !languages.isEmpty else { return nil }
    let pages = subject.links.compactMap(WikiPage.init(link:))
    guard let page = pages.first(where: \.isItem) ?? pages.first else { return nil }
    // Another choice of languages is another question.
    return Question(.wikipedia, named: "\(languages.joined(separator: ",")) \(page.text)")
  }

  func asks(_ name: String) -> Bool { name.hasPrefix("\(languages.joined(separator: ",")) ") }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    guard let text = question.name.split(separator: " ", maxSplits: 1).last,
      let page = WikiPage(text: String(text))
    else { throw .malformed }
    if case .article(let language, let title) = page, language == languages[0] {
      guard let answer = answers.first else { return .ask(article(title, in: language)) }
      return try Wikipedia.introduction(in: answer).map { .found(Finding(overview: $0)) } ?? .absent
    }
    guard let first = answers.first else { return .ask(entity(of: page)) }
    guard let entity = try Wikidata.entity(in: first) else { return .absent }
    return try step(entity, after: Array(answers.dropFirst()))
  }

  /// The articles in the order of the languages, with the description behind the first language.
  private func step(_ entity: JSONValue, after articles: [HTTPResponse]) throws(UpstreamError) -> Step {
    var rest = articles[...]
    for (index, language) in languages.enumerated() {
      if let title = entity["sitelinks"][Wikidata.site(of: language)]["title"].text, title.utf8.count <= 255,
        articles.count - rest.count < Wikipedia.mostArticles
      {
        guard let answer = rest.popFirst() else { return .ask(article(title, in: language)) }
        if let text = try Wikipedia.introduction(in: answer) { return .found(Finding(overview: text)) }
      }
      if index == 0 {
        let description = Prose.trimmed(entity["descriptions"][language]["value"].text ?? "")
        if !description.isEmpty { return .found(Finding(overview: description)) }
      }
    }
    return .absent
  }

  private func article(_ title: String, in language: String) -> HTTPRequest {
    HTTPRequest(
      "\(Wikipedia.url(baseURL, in: language))/w/api.php?action=query&format=json&formatversion=2&redirects=1"
        + "&prop=extracts%7Cpageprops&exintro=1&explaintext=1&ppprop=disambiguation"
        + "&titles=\(URLText.encoded(title))")
  }

  private func entity(of page: WikiPage) -> HTTPRequest {
    let sites = languages.map { URLText.encoded(Wikidata.site(of: $0)) }.joined(separator: "%7C")
    let asked =
      switch page {
      case .item(let id): "ids=\(id)"
      case .article(let language, let title):
        "sites=\(URLText.encoded(Wikidata.site(of: language)))&titles=\(URLText.encoded(title))&normalize=1"
      }
    return HTTPRequest(
      "\(wikidataURL)/w/api.php?action=wbgetentities&format=json&props=sitelinks%7Cdescriptions"
        + "&languages=\(URLText.encoded(languages[0]))&sitefilter=\(sites)&\(asked)")
  }

  private static func url(_ template: String, in language: String) -> String {
    template.replacing("{language}", with: language)
  }

  /// The introduction of the article; nil when there is none, or a list of other articles in its place.
  private static func introduction(in answer: HTTPResponse) throws(UpstreamError) -> String? {
    let json = try Wikidata.answer(answer)
    let pages = json["query"]["pages"]
    guard pages.isArray || pages.isObject else { throw .malformed }
    // A list in version 2 of the format, an object by page id in version 1.
    guard let page = pages.elements.first ?? pages.members.values.first,
      page["pageprops"]["disambiguation"].isNull
    else { return nil }
    let text = Prose.trimmed(page["extract"].text ?? "")
    return text.isEmpty ? nil : text
  }
}

/// A page that a link of MusicBrainz leads to: an item of Wikidata, or an article of a Wikipedia.
enum WikiPage: Equatable {
  case item(String)
  case article(language: String, title: String)

  var isItem: Bool { if case .item = self { true } else { false } }

  /// Reads a URL, which anybody may have edited: what is not plainly one of the two is nil.
  init?(link: String) {
    // Most links lead elsewhere, and reading a URL with care takes much longer than a look at its letters.
    guard WikiPage.isNamed(in: link) else { return nil }
    guard let origin = Origin(of: link.utf8.allSatisfy { $0 < 0x80 } ? link : URLText.ascii(link)) else { return nil }
    let parts = link.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let labels = origin.host.split(separator: ".").filter { $0 != "m" }.map(String.init)
    let path = parts[3].prefix { $0 != "?" && $0 != "#" }
    if labels.suffix(2) == ["wikidata", "org"], labels.count == 2 || labels.dropLast(2) == ["www"],
      path.hasPrefix("wiki/") || path.hasPrefix("entity/"), let id = path.split(separator: "/").last
    {
      self.init(text: String(id))
    } else if labels.suffix(2) == ["wikipedia", "org"], path.hasPrefix("wiki/") {
      let languages = labels.dropLast(2)
      guard languages.count <= 1 else { return nil }
      let language = languages.first.map { $0 == "www" ? "en" : $0 } ?? "en"
      self.init(text: "\(language):\(PercentEncoding.decoded(Substring(path.dropFirst("wiki/".count))))")
    } else {
      return nil
    }
  }

  /// Whether there is a "wiki" in it, of either case.
  private static func isNamed(in link: String) -> Bool {
    var lastFour: UInt32 = 0
    for byte in link.utf8 {
      lastFour = lastFour << 8 | UInt32(byte | 0x20)
      if lastFour == 0x7769_6b69 { return true }
    }
    return false
  }

  var text: String {
    switch self {
    case .item(let id): id
    case .article(let language, let title): "\(language):\(title)"
    }
  }

  /// Reads ``text``.
  init?(text: String) {
    if let colon = text.firstIndex(of: ":") {
      let language = String(text[..<colon])
      let title = String(text[text.index(after: colon)...]).replacing("_", with: " ")
      let isLanguage =
        (2...16).contains(language.utf8.count)
        && language.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
      // The characters that no title has; a vertical bar would ask for two.
      let isTitle =
        (1...255).contains(title.utf8.count)
        && !title.unicodeScalars.contains {
          $0.value < 0x20 || $0.value == 0x7f || "|<>[]{}#".unicodeScalars.contains($0)
        }
      guard isLanguage, isTitle else { return nil }
      self = .article(language: language, title: title)
    } else {
      let isItem =
        text.hasPrefix("Q") && (2...12).contains(text.utf8.count)
        && text.utf8.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard isItem else { return nil }
      self = .item(text)
    }
  }
}
