internal import Core
internal import Metadata

/// Reads the bodies of messages, whoever has written them: MBIDs as they are or in JSON, the rows that the triggers of
/// MusicBrainz' search index name, and the words that they wrote until 2016.
struct AnnouncementReader {
  /// What a message is about that does not say so; nil where every message says so.
  var about: AnnouncedEntity?

  /// So many ids are in no message that anybody means to send.
  private static let mostIDs = 10_000

  func read(_ body: [UInt8]) throws(PoisonedMessage) -> Announcement {
    let text = body.drop { AnnouncementReader.isSpace($0) }
    guard let first = text.first else { throw PoisonedMessage("it is empty") }
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
      guard let json = JSONValue(text) else { throw PoisonedMessage("it is not JSON") }
      return try read(json)
    default: return try read(words: String(decoding: text, as: UTF8.self))
    }
  }

  // MARK: - JSON

  private func read(_ json: JSONValue) throws(PoisonedMessage) -> Announcement {
    switch json {
    case .string(let text): return try read(words: text)
    case .array(let elements): return try read(elements)
    case .object:
      if let table = json["_table"].text { return try RowReader.read(table, json) }
      return try read(object: json)
    default:
      guard let about, let id = AnnouncedID(json) else { throw PoisonedMessage("it names nothing") }
      return about.announcement(id)
    }
  }

  private func read(_ elements: [JSONValue]) throws(PoisonedMessage) -> Announcement {
    guard !elements.isEmpty else { throw PoisonedMessage("it names nothing") }
    guard elements.count <= AnnouncementReader.mostIDs else { throw PoisonedMessage("it names too much") }
    var told = Announcement()
    for element in elements {
      // A list in a list would be no message of anybody's.
      if element.isArray { throw PoisonedMessage("it names nothing") }
      told.add(try read(element))
    }
    return told
  }

  private func read(object: JSONValue) throws(PoisonedMessage) -> Announcement {
    let word = ["entity", "entity_type", "type"].lazy.compactMap { object[$0].text }.first
    guard let about = word.flatMap({ AnnouncedEntity(word: $0) }) ?? about else {
      throw PoisonedMessage("it does not say what it is about")
    }
    // One of them is enough: where there is an MBID, the number beside it is of the same entity.
    for name in ["gid", "mbid", "gids", "mbids", "id", "ids"] {
      let value = object[name]
      let values = value.isArray ? value.elements : value.isNull ? [] : [value]
      guard !values.isEmpty else { continue }
      guard values.count <= AnnouncementReader.mostIDs else { throw PoisonedMessage("it names too much") }
      var told = Announcement()
      for value in values {
        guard let id = AnnouncedID(value) else { throw PoisonedMessage("it names nothing") }
        told.add(about.announcement(id))
      }
      return told
    }
    throw PoisonedMessage("it names nothing")
  }

  // MARK: - Words

  /// `release-group 30 31`, or ids alone.
  private func read(words text: String) throws(PoisonedMessage) -> Announcement {
    var words = text.utf8.split { AnnouncementReader.isSpace($0) || $0 == UInt8(ascii: ",") }.map { Substring($0) }
    guard words.count <= AnnouncementReader.mostIDs else { throw PoisonedMessage("it names too much") }
    var about = about
    var isUnknown = false
    if let first = words.first, AnnouncedID(first) == nil {
      about = AnnouncedEntity(word: first)
      isUnknown = about == nil && AnnouncementReader.isTypeName(first)
      words.removeFirst()
    }
    guard !words.isEmpty, isUnknown || about != nil else { throw PoisonedMessage("it names nothing") }
    var told = Announcement()
    for word in words {
      guard let id = AnnouncedID(word) else { throw PoisonedMessage("it names nothing") }
      if let about { told.add(about.announcement(id)) }
    }
    return told
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  /// MusicBrainz has more types of entities than documents show.
  private static func isTypeName(_ word: Substring) -> Bool {
    word.utf8.count <= 40
      && word.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
  }
}
