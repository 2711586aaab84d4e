public import Core

/// A JSON object as it is written, to change one member of it and leave every other byte as it was: numbers that no type
/// holds, escapes, and members that only a newer Lidarr knows.
public struct ObjectText: Sendable {
  private struct Member {
    /// In lower case: Lidarr does not tell names apart by case.
    var name: String
    var value: Range<Int>
  }

  public private(set) var bytes: [UInt8]
  private var members: [Member] = []
  private var start = 0

  /// - Returns: nil for what is not one JSON object, or has a member twice.
  public init?(_ bytes: [UInt8]) {
    // What can be read is well-formed, so that what follows need only find its parts.
    guard JSONValue(bytes)?.isObject == true else { return nil }
    self.bytes = bytes
    guard scan(), Set(members.map(\.name)).count == members.count else { return nil }
  }

  /// A member's value; null where there is none.
  public subscript(name: String) -> JSONValue {
    literal(name).flatMap { JSONValue($0) } ?? .null
  }

  /// A member's value as it is written; nil where there is none.
  public func literal(_ name: String) -> [UInt8]? {
    member(name).map { Array(bytes[$0.value]) }
  }

  /// The same object with another value for a member, which is added where it is missing.
  ///
  /// - Parameter literal: JSON.
  public func replacing(_ name: String, with literal: [UInt8]) -> [UInt8] {
    if let member = member(name) {
      return Array(bytes[..<member.value.lowerBound]) + literal + bytes[member.value.upperBound...]
    }
    var writer = JSONWriter()
    writer.string(name)
    writer.raw(":")
    let added = writer.bytes + literal + (members.isEmpty ? [] : [UInt8(ascii: ",")])
    return Array(bytes[..<start]) + added + bytes[start...]
  }

  private func member(_ name: String) -> Member? {
    let name = name.lowercased()
    return members.first { $0.name == name }
  }

  /// Finds the members. The text is known to be JSON, but for a byte order mark, with which this does not begin.
  private mutating func scan() -> Bool {
    var position = skipSpace(from: 0)
    guard byte(at: position) == UInt8(ascii: "{") else { return false }
    start = position + 1
    position = skipSpace(from: start)
    while byte(at: position) == UInt8(ascii: "\"") {
      let nameEnd = endOfString(at: position)
      guard let name = JSONValue(bytes[position..<nameEnd])?.text else { return false }
      position = skipSpace(from: nameEnd)
      let valueStart = skipSpace(from: position + 1)
      let valueEnd = endOfValue(at: valueStart)
      members.append(Member(name: name.lowercased(), value: valueStart..<valueEnd))
      position = skipSpace(from: valueEnd)
      if byte(at: position) == UInt8(ascii: ",") { position = skipSpace(from: position + 1) }
    }
    return byte(at: position) == UInt8(ascii: "}")
  }

  private func byte(at position: Int) -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private func skipSpace(from position: Int) -> Int {
    var position = position
    while let byte = byte(at: position), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    return position
  }

  private func endOfString(at start: Int) -> Int {
    var position = start + 1
    while let byte = byte(at: position), byte != UInt8(ascii: "\"") {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(position + 1, bytes.count)
  }

  private func endOfValue(at start: Int) -> Int {
    var position = start
    var depth = 0
    while let byte = byte(at: position) {
      switch byte {
      case UInt8(ascii: "\""):
        position = endOfString(at: position)
        if depth == 0 { return position }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return position }
        depth -= 1
        if depth == 0 { return position + 1 }
      case UInt8(ascii: ","), 0x20, 0x0a, 0x0d, 0x09: if depth == 0 { return position }
      default: break
      }
      position += 1
    }
    return position
  }
}
