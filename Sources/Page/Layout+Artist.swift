public import Core

extension Layout {
  /// An artist with its albums.
  ///
  /// - Parameters:
  ///   - artist: what `/artist/{mbid}` answers.
  ///   - covers: addresses of the albums' covers that are known, by the albums' ids.
  ///   - notice: what has just happened.
  public func artist(
    _ artist: JSONValue, covers: [String: String], refreshing asking: Refreshing, notice: String? = nil
  ) -> [UInt8] {
    let id = artist["id"].text ?? ""
    let title = artist["artistname"].text ?? ""
    var facts = Markup()
    if let type = artist["type"].text { facts.append(fact("Type", "\(type)")) }
    if let status = artist["status"].text { facts.append(fact("Status", "\(status)")) }
    if let sortName = artist["sortname"].text, sortName != title { facts.append(fact("Sorted as", name(sortName))) }
    if let rating = Entity.rating(artist) { facts.append(fact("Rating", "\(rating)")) }
    let aliases = Entity.texts(artist["artistaliases"])
    if !aliases.isEmpty {
      let more = aliases.count > 6 ? " and \(aliases.count - 6) more" : ""
      let names = aliases.prefix(6).enumerated().map { index, alias -> Markup in
        index == 0 ? name(alias) : ", \(name(alias))"
      }
      facts.append(fact("Also", "\(Markup(names))\(more)"))
    }
    let content: Markup = """
      \(self.notice(notice))
      <article>
      <div class="entity">
      \(cover(Entity.image(artist, ["Poster", "Fanart", "Banner"]), name: title, .whole))
      <div>
      <p class="kind">Artist</p>
      <h1>\(name(title))</h1>
      \(disambiguation(artist["disambiguation"].text))
      \(genres(artist))
      <dl class="facts">\(facts)</dl>
      \(overview(artist))
      \(links(artist, first: musicBrainz(.artist, id)))
      <div class="actions">\(refreshing(.artist, id, asking))\(raw(Address(root, ["artist", id])))</div>
      </div>
      </div>
      \(discography(artist["Albums"].elements, covers))
      </article>
      """
    return document(title: "\(title) – Linernotes", content)
  }

  func disambiguation(_ text: String?) -> Markup {
    guard let text, !text.isEmpty else { return "" }
    return "<p class=\"disambiguation\">\(name(text))</p>"
  }

  func notice(_ text: String?) -> Markup {
    guard let text else { return "" }
    return "<p class=\"notice\" role=\"status\">\(text)</p>"
  }

  // MARK: - Albums

  private func discography(_ albums: [JSONValue], _ covers: [String: String]) -> Markup {
    guard !albums.isEmpty else { return "<p class=\"quiet\">No albums are listed.</p>" }
    let kinds: [(type: String, title: Markup)] = [
      ("Album", "Albums"), ("EP", "EPs"), ("Single", "Singles"), ("Broadcast", "Broadcasts"), ("", "Other"),
    ]
    let known = Set(kinds.map(\.type))
    var sections = Markup()
    for (index, kind) in kinds.enumerated() {
      let members = albums.filter {
        let type = $0["Type"].text ?? ""
        return kind.type.isEmpty ? !known.contains(type) || type.isEmpty : type == kind.type
      }.sorted { ($0["ReleaseDate"].text ?? "9") < ($1["ReleaseDate"].text ?? "9") }
      guard !members.isEmpty else { continue }
      sections.append(
        """
        <section aria-labelledby="kind\(index)">
        <h2 id="kind\(index)">\(kind.title) <span class="quiet">\(Words.number(members.count))</span></h2>
        <ul class="grid">\(Markup(members.map { tile($0, covers) }))</ul>
        </section>
        """)
    }
    return sections
  }

  private func tile(_ album: JSONValue, _ covers: [String: String]) -> Markup {
    let id = album["Id"].text ?? ""
    let title = album["Title"].text ?? ""
    let words = [Entity.year(album["ReleaseDate"])].compactMap(\.self) + Entity.texts(album["SecondaryTypes"])
    return """
      <li><a \(href: page(of: .album, id))>\(cover(covers[id], name: title, .tile))<span class="title">\(name(title))</span>\
      <span class="quiet">\(words.joined(separator: " · "))</span></a></li>
      """
  }
}
