internal import Cache
internal import Core
internal import Documents

/// Keeps the answers of ws/2 for a while, so that an entity that takes many requests is put together over several tries,
/// and what was asked for one need not be asked for another.
final class PageShelf {
  /// The pages of a list belong to one pass over it, which has a number.
  typealias Pass = UInt64

  private let shared: (any CacheTier)?
  private let memory: any CacheTier
  private let prefix: String
  private let now: () -> UnixTime

  struct Page {
    let body: [UInt8]
    let pass: Pass
    /// When it was asked for.
    let made: UnixTime
  }

  /// How long an answer is kept, in seconds.
  static let seconds: Int64 = 3_600
  private static let kind = CacheKey.Kind("ws2-page", parts: 2...2)

  /// - Parameters:
  ///   - shared: the tier that the pool shares; nil when there is none.
  ///   - memory: takes its place when it is missing or away.
  init(
    shared: (any CacheTier)?, memory: any CacheTier, namespace: String, now: @escaping () -> UnixTime = { .now }
  ) {
    self.shared = shared
    self.memory = memory
    prefix = "\(CacheKey.safe(namespace)):\(PageShelf.kind.name):"
    self.now = now
  }

  private var tier: any CacheTier { shared.orWhileAway(memory) }

  /// The answer to a question, of this pass; the pass it is of, where none is given.
  func page(_ question: Question, of pass: Pass? = nil) -> Page? {
    guard let value = tier.get([key(question)])[0], let document = Document(encoded: value),
      document.state == .present, PageShelf.kind.parts.contains(document.parts.count), document.isIntact,
      !document.isStale(at: now()), document.parts[0].label.elementsEqual(question.path.utf8),
      let number = Pass(String(decoding: document.parts[1].label, as: UTF8.self)), pass == nil || pass == number
    else { return nil }
    let text = OutputBuffer()
    guard Body([document.parts[0].fragment]).appendPlain(to: text) else { return nil }
    return Page(body: Array(text.bytes), pass: number, made: document.made)
  }

  func keep(_ body: [UInt8], of question: Question, pass: Pass = 0) {
    tier.set([item(body, question, pass, now())])
  }

  /// An answer to another question that has come with the answer to one.
  struct Part {
    var question: Question
    var body: [UInt8]
    var pass: Pass = 0
  }

  /// Keeps parts of what was asked for at a time, but not in the place of what was asked for later.
  func keep(_ parts: [Part], made: UnixTime) {
    guard now() < made + PageShelf.seconds else { return }
    let old = tier.get(parts.map { key($0.question) })
    tier.set(
      zip(parts, old).compactMap { part, old in
        if let old, let document = Document(encoded: old), document.made > made { return nil }
        return item(part.body, part.question, part.pass, made)
      })
  }

  var time: UnixTime { now() }

  private func item(_ body: [UInt8], _ question: Question, _ pass: Pass, _ made: UnixTime) -> CacheItem {
    var document = Document(
      parts: [
        .init(label: Array(question.path.utf8), Fragment(body)),
        .init(label: Array(String(pass).utf8), Fragment(uncompressed: [])),
      ], expires: made + PageShelf.seconds)
    document.made = made
    let lifetime = min(PageShelf.seconds, max(1, made + PageShelf.seconds - now()))
    return CacheItem(key(question), document.encoded(), lifetime: lifetime)
  }

  func forget(_ question: Question) { tier.delete(key(question)) }

  private func key(_ question: Question) -> String {
    "\(prefix)\(CacheKey(PageShelf.kind, named: question.path).id)"
  }
}
