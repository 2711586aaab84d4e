internal import Core

/// Puts a list together from its pages. It is complete when as many different entities have come as were announced; if
/// it cannot become so, somebody has edited meanwhile, and it has to be read again from its beginning.
struct Browse<Entry> {
  enum State: Equatable {
    case goesOn
    case isComplete
    /// The pages do not belong to one list; the text says why.
    case contradictsItself(String)
  }

  let list: ListQuestion
  private(set) var entries: [Entry] = []
  private(set) var state = State.goesOn
  private let read: (Node) throws(Unusable) -> Entry
  private var seen: Set<MBID> = []
  private var count: Int?
  /// How many entries have come, whatever they were: pages are as long as they like.
  private var offset = 0

  init(_ list: ListQuestion, _ read: @escaping (Node) throws(Unusable) -> Entry) {
    self.list = list
    self.read = read
  }

  /// What to ask for next.
  var question: Question { list.page(at: offset) }
  var isAtStart: Bool { offset == 0 }

  func taking(_ page: Node) throws(Unusable) -> Browse {
    var longer = self
    try longer.take(page)
    return longer
  }

  private mutating func take(_ page: Node) throws(Unusable) {
    let nodes = try page.nodes(list.name)
    let announced = try page.count("\(list.kind.rawValue)-count")
    if let place = try page.optionalCount("\(list.kind.rawValue)-offset"), place != offset {
      throw Unusable("a page of \(list.name) begins elsewhere")
    }
    // Past the end the count is that of what was skipped.
    guard !nodes.isEmpty || (isAtStart && announced == 0) else {
      state = .contradictsItself("a page of \(list.name) is empty")
      return
    }
    guard count == nil || count == announced else {
      state = .contradictsItself("the number of \(list.name) has changed")
      return
    }
    count = announced
    var fresh: [Entry] = []
    for node in nodes where seen.insert(try node.mbid("id")).inserted { fresh.append(try read(node)) }
    entries += fresh
    offset += nodes.count
    if offset >= announced {
      state =
        seen.count == announced && offset == announced
        ? .isComplete : .contradictsItself("\(announced) \(list.name) were announced, \(seen.count) came")
    }
  }
}
