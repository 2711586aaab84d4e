internal import Cache
public import Core
internal import Documents

extension Catalog {
  /// Where the covers of albums are, as clients are told, of those albums that are stored. Nobody is asked and nothing is
  /// computed: it is for a page of many.
  public func storedCovers(of ids: [MBID]) -> [MBID: String] {
    let keys = ids.map { CacheKey(.album, $0) }
    let decorationKeys = decorationKeys(ids.map { .album($0) })
    let found = store.cached(keys + decorationKeys)
    var covers: [MBID: String] = [:]
    for (index, id) in ids.enumerated() {
      guard let album = found[index], album.state == .present else { continue }
      let decoration = decorationKeys.isEmpty ? nil : found[ids.count + index]
      covers[id] = cover(of: album, decoration)
    }
    return covers
  }

  private func cover(of album: Document, _ decoration: Document?) -> String? {
    if let cut = album.cut {
      if let images = decoration?.parts.first, let list = json(images, closing: "") { return Catalog.cover(in: list) }
      return CoverNote(cut.note).front.flatMap { Picture(.cover, of: $0, at: imageURLs.archive) }
        .map { imageURLs.url(of: $0) }
    }
    // What is before the releases ends with the pictures.
    return album.parts.first.flatMap { json($0, closing: "}") }.flatMap { Catalog.cover(in: $0["images"]) }
  }

  private func json(_ part: Document.Part, closing: StaticString) -> JSONValue? {
    let text = OutputBuffer()
    guard Body([part.fragment]).appendPlain(to: text) else { return nil }
    text.append(closing)
    return JSONValue(text.bytes)
  }

  private static func cover(in images: JSONValue) -> String? {
    images.elements.first { $0["CoverType"].text == ImageKind.cover.rawValue }?["Url"].text
  }
}
