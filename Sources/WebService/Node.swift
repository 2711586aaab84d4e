internal import Core
internal import Metadata

/// A JSON object of an answer. What must be there and is not makes the answer unusable: what is made from it would lack
/// something, and a client deletes what a list lacks. What nobody asks for is passed over.
struct Node {
  private let members: [String: JSONValue]
  /// Where it was, for messages.
  private let place: String

  init(_ value: JSONValue, _ place: String) throws(Unusable) {
    guard case .object(let members) = value else { throw Unusable("\(place) is no object") }
    self.members = members
    self.place = place
  }

  private func fail(_ key: String, _ what: String) -> Unusable { Unusable("\(place): \(key) is no \(what)") }

  /// As it came, but for the order of its members.
  var body: [UInt8] {
    var writer = JSONWriter()
    writer.value(.object(members))
    return writer.bytes
  }

  func has(_ key: String) -> Bool { members[key] != nil }

  func text(_ key: String) throws(Unusable) -> String {
    guard let text = members[key]?.text else { throw fail(key, "text") }
    return text
  }

  /// nil where it is null or missing.
  func optionalText(_ key: String) throws(Unusable) -> String? {
    switch members[key] {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw fail(key, "text")
    }
  }

  /// A text, where null and nothing at all are the same as an empty one.
  func note(_ key: String) throws(Unusable) -> String { try optionalText(key) ?? "" }

  func mbid(_ key: String) throws(Unusable) -> MBID {
    guard let id = MBID(try text(key)) else { throw fail(key, "MBID") }
    return id
  }

  func count(_ key: String) throws(Unusable) -> Int {
    guard case .number(let text)? = members[key], let number = Int(text), (0...Node.most).contains(number) else {
      throw fail(key, "count")
    }
    return number
  }

  /// nil where it is null or missing.
  func optionalCount(_ key: String) throws(Unusable) -> Int? {
    switch members[key] {
    case nil, .null: return nil
    default: return try count(key)
    }
  }

  /// More than there is of anything; small enough to be added up.
  private static let most = 1_000_000_000

  /// nil for what is no number.
  func decimal(_ key: String) -> Double? {
    if case .number(let text)? = members[key] { Double(text) } else { nil }
  }

  func isTrue(_ key: String) -> Bool { members[key]?.isTrue ?? false }

  func node(_ key: String) throws(Unusable) -> Node {
    guard let value = members[key] else { throw fail(key, "object") }
    return try Node(value, key)
  }

  /// nil where it is null or missing.
  func optionalNode(_ key: String) throws(Unusable) -> Node? {
    switch members[key] {
    case nil, .null: return nil
    case let value?: return try Node(value, key)
    }
  }

  func nodes(_ key: String) throws(Unusable) -> [Node] {
    guard case .array(let elements)? = members[key] else { throw fail(key, "list") }
    var nodes: [Node] = []
    nodes.reserveCapacity(elements.count)
    for element in elements { nodes.append(try Node(element, key)) }
    return nodes
  }

  /// None where there is no such member at all; null is no list.
  func optionalNodes(_ key: String) throws(Unusable) -> [Node] { has(key) ? try nodes(key) : [] }

  func texts(_ key: String) throws(Unusable) -> [String] {
    guard case .array(let elements)? = members[key] else { throw fail(key, "list") }
    var texts: [String] = []
    for element in elements {
      guard let text = element.text else { throw fail(key, "list of texts") }
      texts.append(text)
    }
    return texts
  }

  /// `1999`, `1999-06`, `1999-06-15`, `????-06`, `2001-??-15`; what is empty, null, missing or none of these is unknown.
  func date(_ key: String) throws(Unusable) -> PartialDate { PartialDate(ws2: try note(key)) }
}

/// Why an answer cannot be used.
struct Unusable: Error, Equatable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
