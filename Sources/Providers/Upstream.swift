internal import Cache
internal import Core
internal import HTTP
internal import Metadata

/// A provider: what it can be asked about an artist or album, and what it wants next, given its answers so far.
///
/// All of it is pure: the requests are made, limited, counted, timed and remembered by ``Inquirer``, once for all.
protocol Upstream: Sendable {
  /// As it is called in metrics, limits and settings.
  var name: String { get }
  var kind: CacheKey.Kind { get }
  var service: HTTPService { get }
  /// For how long its answer is believed, in seconds.
  var seconds: Int64 { get }
  /// How many requests it takes in RATE_LIMIT_WINDOW; nil where it has no number of its own.
  var limit: Int? { get }
  /// What else decides about its answers, such as languages: documents that were made with others are stale.
  var variants: [String] { get }

  /// What it would be asked about the subject; nil when it has nothing to say about such a thing.
  func question(about subject: Subject) -> Question?

  /// What comes next for a question, given the answers to its requests so far; the first time there are none.
  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step

  /// Whether it is to be asked at all, when all providers that are not a last resort have had their say.
  func isNeeded(besides findings: [Finding], about subject: Subject) -> Bool

  /// Whether a question of this name, which it has once been asked, may still be asked under its settings.
  func asks(_ name: String) -> Bool

  /// Whether it is asked only when others have not said enough.
  var isLastResort: Bool { get }

  /// Whether "unknown" may be a mistake that must not replace what it has said before.
  func doubts(absenceOf question: Question) -> Bool
}

extension Upstream {
  var limit: Int? { nil }
  var variants: [String] { [] }
  func asks(_ name: String) -> Bool { true }
  var isLastResort: Bool { false }
  func isNeeded(besides findings: [Finding], about subject: Subject) -> Bool { true }
  func doubts(absenceOf question: Question) -> Bool { false }
}

/// An artist or album that providers are asked about.
struct Subject: Equatable, Sendable {
  var kind: EntityID.Kind
  var id: MBID
  var links: [String]
  /// An album's, in its order.
  var releases: [Release] = []
}

/// What a provider is asked: the same question has the same answer, whoever asks it.
struct Question: Equatable, Sendable {
  let key: CacheKey
  /// What is asked about, in the provider's terms.
  let name: String

  init(_ kind: CacheKey.Kind, _ id: MBID) {
    key = CacheKey(kind, id)
    name = "\(id)"
  }

  /// What is asked about an entity in one of several ways: only the last of them is remembered.
  init(_ kind: CacheKey.Kind, _ id: MBID, named name: String) {
    key = CacheKey(kind, id)
    self.name = name
  }

  init(_ kind: CacheKey.Kind, named name: String) {
    key = CacheKey(kind, named: name)
    self.name = name
  }
}

enum Step: Equatable, Sendable {
  case ask(HTTPRequest)
  /// All is known; and with it the answers to other questions.
  case found(Finding, also: [Answered] = [])
  /// The provider says that it knows nothing of it.
  case absent

  struct Answered: Equatable, Sendable {
    let question: Question
    let finding: Finding
  }
}

/// Why a provider's answer is none.
enum UpstreamError: Error, Equatable, Sendable {
  /// An HTTP status that does not belong to an answer.
  case status(Int)
  /// It says that it has no time now.
  case overloaded
  /// It is not what the provider's answers look like.
  case malformed
}

extension HTTPResponse {
  /// The body as JSON, when the status says that it is an answer.
  func json() throws(UpstreamError) -> JSONValue {
    guard status == 200 else { throw .status(status) }
    guard let json = JSONValue(utf8Body) else { throw .malformed }
    return json
  }

  /// The body in UTF-8. Some servers send Latin-1, and say so.
  var utf8Body: [UInt8] {
    guard contentType.contains("charset=iso-8859-1") || contentType.contains("charset=windows-1252") else {
      return body
    }
    var text: [UInt8] = []
    text.reserveCapacity(body.count + body.count / 8)
    for byte in body {
      if byte < 0x80 {
        text.append(byte)
      } else {
        text.append(0xc0 | byte >> 6)
        text.append(0x80 | byte & 0x3f)
      }
    }
    return text
  }
}

extension JSONValue {
  /// A whole number within the limits that make sense of it.
  func int(in range: ClosedRange<Int>) -> Int? { int.flatMap { range.contains($0) ? $0 : nil } }

  /// A text that may be somebody's or something's name.
  var name: String? { text.flatMap { $0.isName ? $0 : nil } }

  /// A URL in ASCII, of a length that one has.
  var url: String? { text.flatMap { $0.utf8.count <= 2_000 && $0.utf8.allSatisfy { $0 < 0x80 } ? $0 : nil } }

  /// Whether it is exactly this text. Bytes are compared: comparing characters takes quadratic time for some texts.
  func isText(_ expected: String) -> Bool { text?.utf8.elementsEqual(expected.utf8) ?? false }
}

extension String {
  /// Whether it may be a name: names are looked up, folded and compared, which takes its time for long ones.
  var isName: Bool { (1...1_000).contains(utf8.count) }
}
