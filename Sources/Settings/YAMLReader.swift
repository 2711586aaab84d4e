internal import CYAML
internal import Core

/// Reads the one document of a YAML text. Owns libyaml's parser and document.
final class YAMLReader {
  /// What is wrong with the text. Nothing of the text itself is in it, where a password may be.
  struct Failure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ reason: String) { description = reason }
  }

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let document = UnsafeMutablePointer<yaml_document_t>.allocate(capacity: 1)
  /// An alias stands for all that is below its anchor, also for itself.
  private var visits = 0

  private static let mostVisits = 10_000
  private static let deepest = 32

  /// The value of the text, null where there is none. Scalars are strings, as they are written, or null.
  static func value(of bytes: [UInt8]) throws(Failure) -> JSONValue {
    let reader = try YAMLReader()
    return try reader.read(bytes)
  }

  private init() throws(Failure) {
    // "yaml_document_delete" is called for what was never loaded as well, and must find nothing there.
    document.initialize(to: yaml_document_t())
    guard yaml_parser_initialize(parser) == 1 else {
      document.deallocate()
      parser.deallocate()
      throw Failure("out of memory")
    }
  }

  deinit {
    yaml_document_delete(document)
    document.deallocate()
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  private func read(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
    var failure: Failure?
    // "The input string is not copied": all is read before it goes.
    let value = bytes.withUnsafeBufferPointer { buffer -> JSONValue in
      yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      do throws(Failure) {
        try load()
        // An empty stream has a document without a root.
        guard let root = yaml_document_get_root_node(document) else { return .null }
        let value = try self.value(of: root, depth: 0)
        yaml_document_delete(document)
        try load()
        guard yaml_document_get_root_node(document) == nil else {
          throw Failure("there is a second document in it")
        }
        return value
      } catch {
        failure = error
        return .null
      }
    }
    if let failure { throw failure }
    return value
  }

  private func load() throws(Failure) {
    guard yaml_parser_load(parser, document) == 1 else {
      let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it is no YAML"
      throw Failure("line \(parser.pointee.problem_mark.line &+ 1): \(problem)")
    }
  }

  private func value(of node: UnsafeMutablePointer<yaml_node_t>, depth: Int) throws(Failure) -> JSONValue {
    visits += 1
    guard visits <= YAMLReader.mostVisits, depth <= YAMLReader.deepest else {
      throw Failure("its aliases or its nesting make too much of it")
    }
    switch node.pointee.type {
    case YAML_SCALAR_NODE: return isNull(node) ? .null : .string(text(of: node))
    case YAML_SEQUENCE_NODE:
      var elements: [JSONValue] = []
      var item = node.pointee.data.sequence.items.start
      while let index = item, index != node.pointee.data.sequence.items.top {
        let element = try self.node(index.pointee)
        // Within a list null is a text like any other.
        let isScalar = element.pointee.type == YAML_SCALAR_NODE
        elements.append(isScalar ? .string(text(of: element)) : try value(of: element, depth: depth + 1))
        item = index + 1
      }
      return .array(elements)
    default:
      var members: [String: JSONValue] = [:]
      var item = node.pointee.data.mapping.pairs.start
      while let pair = item, pair != node.pointee.data.mapping.pairs.top {
        let key = try self.node(pair.pointee.key)
        let line = key.pointee.start_mark.line &+ 1
        guard key.pointee.type == YAML_SCALAR_NODE else { throw Failure("line \(line): a name must be a text") }
        let member = try value(of: try self.node(pair.pointee.value), depth: depth + 1)
        guard members.updateValue(member, forKey: text(of: key)) == nil else {
          throw Failure("line \(line): this name is there twice")
        }
        item = pair + 1
      }
      return .object(members)
    }
  }

  private func node(_ index: Int32) throws(Failure) -> UnsafeMutablePointer<yaml_node_t> {
    guard let node = yaml_document_get_node(document, index) else { throw Failure("a node is missing") }
    return node
  }

  private func text(of node: UnsafeMutablePointer<yaml_node_t>) -> String {
    let scalar = node.pointee.data.scalar
    return String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
  }

  private func isNull(_ node: UnsafeMutablePointer<yaml_node_t>) -> Bool {
    guard node.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text(of: node))
  }
}
