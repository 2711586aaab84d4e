internal import Core

/// A whole list.
struct Listing<Entry> {
  let entries: [Entry]
  /// When its oldest page was asked for.
  let made: UnixTime
  /// Whether any page was asked for just now.
  let isFresh: Bool
}

/// An entry of a list, and the JSON that it was read from.
struct Original<Entry> {
  let entry: Entry
  let body: [UInt8]

  init(_ node: Node, _ read: (Node) throws(Unusable) -> Entry) throws(Unusable) {
    entry = try read(node)
    body = node.body
  }
}
