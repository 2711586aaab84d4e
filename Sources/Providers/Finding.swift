internal import Cache
internal import Core
internal import Documents
internal import Metadata

/// What a provider has said about one thing, reduced to what is used.
struct Finding: Equatable, Sendable {
  var pictures: [Picture] = []
  var overview = ""

  var isEmpty: Bool { pictures.isEmpty && overview.isEmpty }
}

extension Finding {
  /// What is cached of it, also of nothing: that is worth knowing for as long. The name of what was asked for goes with it: keys that are hashes may collide.
  func document(named name: String, expires: UnixTime) -> Document {
    var json = JSONWriter(reservingCapacity: overview.utf8.count + pictures.count * 128 + 64)
    json.raw(#"{"pictures":"#)
    json.array(pictures) { json, picture in
      json.raw("[")
      json.string(picture.kind.rawValue)
      json.raw(",")
      json.string(picture.url)
      json.raw("]")
    }
    json.raw(#","overview":"#)
    json.string(overview)
    json.raw("}")
    return Document(parts: [.init(label: Array(name.utf8), Fragment(json.bytes))], expires: expires)
  }

  /// - Returns: nil for what is not a finding about what has this name.
  init?(_ document: Document, named name: String) {
    guard document.state == .present, let part = document.parts.first, part.label.elementsEqual(name.utf8) else {
      return nil
    }
    let text = OutputBuffer()
    guard Body([part.fragment]).appendPlain(to: text), let json = JSONValue(text.bytes) else { return nil }
    pictures = json["pictures"].elements.compactMap { entry in
      guard let kind = entry[0].text.flatMap(ImageKind.init(rawValue:)), let url = entry[1].text else { return nil }
      return Picture(kind, url)
    }
    overview = json["overview"].text ?? ""
  }
}
