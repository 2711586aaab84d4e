public import Cache
public import Core
internal import Documents
public import Metadata

extension ProviderDecorator: AnswerRenewer {
  public var answerKinds: [CacheKey.Kind] { inquirer.upstreams.map(\.kind) }

  public func room(for kind: CacheKey.Kind) -> Int { upstream(of: kind).map { inquirer.room(for: $0) } ?? 0 }

  public func renew(
    _ due: [DueDocument], by deadline: Deadline
  ) throws(SourceError) -> (unanswered: [DueDocument], refused: [DueDocument]) {
    guard let kind = due.first?.key.kind, let upstream = upstream(of: kind) else { return (due, []) }
    var questions: [(due: DueDocument, question: Question)] = []
    var unwanted: [CacheKey: Document] = [:]
    for due in due {
      if let name = due.document?.name, upstream.asks(name) {
        questions.append((due, Question(key: due.key, name: name)))
      } else {
        unwanted[due.key] = .absent(expires: inquirer.now())
      }
    }
    let replies = try inquirer.store.renewing(due) { () throws(SourceError) in
      if !unwanted.isEmpty { inquirer.store.put(unwanted) }
      return inquirer.renew(questions.map(\.question), of: upstream, by: deadline)
    }
    guard deadline.beat() else { throw SourceError(.timedOut, "it was stopped") }
    var (unanswered, refused): ([DueDocument], [DueDocument]) = ([], [])
    for (asked, reply) in zip(questions, replies) {
      switch reply.shortfall {
      case nil: break
      case .rateLimited: refused.append(asked.due)
      case .timedOut, .failed, .unavailable: unanswered.append(asked.due)
      }
    }
    return (unanswered, refused)
  }

  private func upstream(of kind: CacheKey.Kind) -> (any Upstream)? { inquirer.upstreams.first { $0.kind == kind } }
}

extension Question {
  /// A question that was asked before.
  fileprivate init(key: CacheKey, name: String) {
    self.key = key
    self.name = name
  }
}

extension Document {
  /// What a provider was asked about: see ``Finding/document(named:expires:)``.
  fileprivate var name: String? {
    guard state == .present, parts.count == 1 else { return nil }
    return String(decoding: parts[0].label, as: UTF8.self)
  }
}
