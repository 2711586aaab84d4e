internal import Core

/// What pages show of artists and albums: the JSON that clients get, read back.
public enum Entity {
  public enum Kind: String, Sendable {
    case artist, album
  }

  static func image(_ object: JSONValue, _ kinds: [String]) -> String? {
    let images = object["images"].elements
    for kind in kinds {
      if let url = images.first(where: { $0["CoverType"].text == kind })?["Url"].text { return url }
    }
    return nil
  }

  static func year(_ date: JSONValue) -> String? {
    guard let text = date.text, text.utf8.count >= 4 else { return nil }
    return String(Substring(text.utf8.prefix(4)))
  }

  static func texts(_ list: JSONValue) -> [String] { list.elements.compactMap(\.text).filter { !$0.isEmpty } }

  /// `8.6 of 10, by 31`
  static func rating(_ object: JSONValue) -> String? {
    guard case .number(let value) = object["rating"]["Value"], let count = object["rating"]["Count"].int, count > 0
    else { return nil }
    return "\(value) of 10, by \(Words.number(count))"
  }
}

extension Layout {
  /// A name in whatever direction its letters run, without turning what stands beside it.
  func name(_ text: String) -> Markup { "<bdi>\(text)</bdi>" }

  func genres(_ object: JSONValue) -> Markup? {
    let genres = Entity.texts(object["genres"])
    guard !genres.isEmpty else { return nil }
    return "<ul class=\"genres\">\(Markup(genres.prefix(12).map { "<li>\(name($0))</li>" }))</ul>"
  }

  func overview(_ object: JSONValue) -> Markup? {
    guard let text = object["overview"].text, !text.isEmpty else { return nil }
    let paragraphs = text.split(separator: "\n").filter { $0.contains { !$0.isWhitespace } }
    return "<div class=\"overview\" dir=\"auto\">\(Markup(paragraphs.map { "<p>\(String($0))</p>" }))</div>"
  }

  /// The links that are addresses on the web; whatever else somebody has entered is left out.
  func links(_ object: JSONValue, first: Markup?) -> Markup {
    var items = first.map { [$0] } ?? []
    for link in object["links"].elements.prefix(Layout.mostLinks) {
      guard let address = link["target"].text.flatMap({ Address(web: $0) }) else { continue }
      let title = link["type"].text ?? ""
      items.append(away(address, name(title.isEmpty ? address.host ?? "link" : title)))
    }
    let more = items.dropFirst(Layout.fewLinks)
    guard more.count > 1 else { return list(items) }
    return """
      \(list(items.prefix(Layout.fewLinks)))
      <details class="more"><summary>\(more.count) more links</summary>\(list(more))</details>
      """
  }

  private static let fewLinks = 9
  private static let mostLinks = 100

  private func list(_ items: some Sequence<Markup>) -> Markup {
    "<ul class=\"links\">\(Markup(items.map { "<li>\($0)</li>" }))</ul>"
  }

  /// The button that has an entity computed anew. It is a form that works without a script; with one it shows how far
  /// things are.
  func refreshing(_ kind: Entity.Kind, _ id: String, _ asking: Refreshing) -> Markup {
    guard asking != .nobody else { return "" }
    let key: Markup =
      asking == .key
      ? """
      <label for="key">Key</label>
      <input id="key" name="key" type="password" required autocomplete="off">
      """ : ""
    return """
      <form class="refresh" method="post" \(action: Address(root, ["ui", kind.rawValue, id, "refresh"])) \
      \(data: "data-refresh", Address(root, [kind.rawValue, id, "refresh"])) \
      \(data: "data-json", Address(root, [kind.rawValue, id]))>
      \(key)<button>Refresh</button>
      <p role="status"></p>
      </form>
      """
  }

  /// Who may have something computed anew.
  public enum Refreshing: Sendable {
    case anybody, key, nobody
  }

  func raw(_ address: Address) -> Markup { "<a class=\"raw\" \(href: address)>As JSON</a>" }
}
