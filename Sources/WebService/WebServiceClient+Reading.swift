internal import Core

/// Whole entities and lists, from the shelf where they are there.
extension WebServiceClient {
  /// How often something is read from its beginning that changes while it is read.
  static let mostAttempts = 3

  /// Looks one entity up.
  ///
  /// - Parameters:
  ///   - question: what is asked about an id.
  ///   - isAnew: whether what is on the shelf will not do.
  /// - Returns: nil when ws/2 says that it does not exist. An id that was merged is answered with the survivor.
  func look<Entity>(
    up id: MBID, _ question: (MBID) -> Question, anew isAnew: Bool = false, by deadline: Deadline,
    _ read: (Node) throws(Unusable) -> Entity
  ) throws(SourceError) -> Entity? {
    let first = question(id)
    if !isAnew, let kept = shelf.page(first), let entity = try? read(WebServiceClient.node(kept.body)) { return entity }
    var next = id
    for _ in 0..<WebServiceClient.mostAttempts {
      switch try ask(question(next), by: deadline) {
      case nil where next == id: return nil
      case nil: throw WebServiceClient.failure("an id was merged into one that does not exist")
      case .moved(let survivor)?: next = survivor
      case .body(let node, let bytes)?:
        let entity = try WebServiceClient.usable { () throws(Unusable) in try read(node) }
        shelf.keep(bytes, of: first)
        return entity
      }
    }
    throw WebServiceClient.failure("redirects go on and on")
  }

  /// The answer to a question that names no entity.
  ///
  /// - Returns: nil when ws/2 says that there is no such thing.
  func look<Answer>(
    up question: Question, anew isAnew: Bool = false, tries: Int = mostTries, by deadline: Deadline,
    _ read: (Node) throws(Unusable) -> Answer
  ) throws(SourceError) -> Answer? {
    if !isAnew, let kept = shelf.page(question), let answer = try? read(WebServiceClient.node(kept.body)) {
      return answer
    }
    switch try ask(question, tries: tries, by: deadline) {
    case nil: return nil
    case .moved?: throw WebServiceClient.failure("a question without an id is redirected")
    case .body(let node, let bytes)?:
      let answer = try WebServiceClient.usable { () throws(Unusable) in try read(node) }
      shelf.keep(bytes, of: question)
      return answer
    }
  }

  /// Reads a whole list.
  ///
  /// - Returns: nil when ws/2 says that what the entries are linked to does not exist, which a look-up has to confirm.
  func list<Entry>(
    _ list: ListQuestion, anew isAnew: Bool = false, by deadline: Deadline,
    _ read: @escaping (Node) throws(Unusable) -> Entry
  ) throws(SourceError) -> Listing<Entry>? {
    var reason = ""
    for attempt in 0..<WebServiceClient.mostAttempts {
      var browse = Browse(list, read)
      var pass: PageShelf.Pass?
      var made = shelf.time
      var isFresh = false
      while browse.state == .goesOn {
        let question = browse.question
        if pass != nil || !(isAnew || attempt > 0), let kept = shelf.page(question, of: pass),
          let longer = try? browse.taking(WebServiceClient.node(kept.body))
        {
          browse = longer
          pass = kept.pass
          made = min(made, kept.made)
          continue
        }
        switch try ask(question, by: deadline) {
        case nil: return nil
        case .moved?: throw WebServiceClient.failure("a list is redirected")
        case .body(let node, let bytes)?:
          browse = try WebServiceClient.usable { () throws(Unusable) in try browse.taking(node) }
          if case .contradictsItself = browse.state { break }
          let number = pass ?? .random(in: 1 ... .max)
          pass = number
          isFresh = true
          shelf.keep(bytes, of: question, pass: number)
        }
      }
      switch browse.state {
      case .contradictsItself(let why):
        reason = why
        shelf.forget(list.page(at: 0))
      default: return Listing(entries: browse.entries, made: made, isFresh: isFresh)
      }
    }
    throw WebServiceClient.failure("keeps changing: \(reason)")
  }

  private static func node(_ body: [UInt8]) throws(Unusable) -> Node {
    guard let value = JSONValue(body) else { throw Unusable("no JSON") }
    return try Node(value, "a page")
  }

  private static func usable<Value>(_ work: () throws(Unusable) -> Value) throws(SourceError) -> Value {
    do throws(Unusable) {
      return try work()
    } catch {
      throw failure("its answer cannot be used: \(error.reason)")
    }
  }
}
