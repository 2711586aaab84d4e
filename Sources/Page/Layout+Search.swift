public import Core

extension Layout {
  /// What was found, the best first.
  ///
  /// - Parameters:
  ///   - query: what was typed.
  ///   - hits: what `/search/all` answers.
  public func search(_ query: String, hits: JSONValue) -> [UInt8] {
    let items = hits.elements.compactMap { hit(score: $0["score"].int ?? 0, $0["artist"], $0["album"]) }
    let raw = raw(Address(root, ["search"], query: [("type", "all"), ("query", query)]))
    let content: Markup =
      items.isEmpty
      ? """
      <h1>Nothing is called “\(name(query))”</h1>
      <p>Try fewer words, or the name alone. A single word of a title finds it, too.</p>
      <div class="actions">\(raw)</div>
      """
      : """
      <h1>“\(name(query))”</h1>
      <p class="quiet">\(Words.count(items.count, "match", "matches")), as Lidarr gets them: the best first, each with its \
      score.</p>
      <ol class="hits">\(Markup(items))</ol>
      <div class="actions">\(raw)</div>
      """
    return document(title: "\(query) – Linernotes", query: query, content)
  }

  /// The page of a search for nothing.
  public func emptySearch() -> [UInt8] {
    document(
      title: "Search – Linernotes",
      "<h1>Search</h1><p>Type the name of an artist or an album, or both.</p>")
  }

  private func hit(score: Int, _ artist: JSONValue, _ album: JSONValue) -> Markup? {
    if artist.isObject {
      let title = artist["artistname"].text ?? ""
      return hit(
        .artist, artist["id"].text ?? "", score: score, title: title,
        picture: Entity.image(artist, ["Poster", "Fanart"]),
        disambiguation: artist["disambiguation"].text,
        "Artist\(artist["type"].text.map { " · \($0)" } ?? "")\(ended(artist))")
    }
    guard album.isObject else { return nil }
    let credited = album["artistid"].text
    let artist = album["artists"].elements.first { $0["id"].text == credited }?["artistname"].text
    let by: Markup = artist.map { " by \(name($0))" } ?? ""
    let year = Entity.year(album["releasedate"]).map { " · \($0)" } ?? ""
    return hit(
      .album, album["id"].text ?? "", score: score, title: album["title"].text ?? "",
      picture: Entity.image(album, ["Cover", "Disc"]), disambiguation: album["disambiguation"].text,
      "\(album["type"].text ?? "Album")\(by)\(year)")
  }

  private func ended(_ artist: JSONValue) -> String { artist["status"].text == "ended" ? " · ended" : "" }

  private func hit(
    _ kind: Entity.Kind, _ id: String, score: Int, title: String, picture: String?, disambiguation: String?,
    _ words: Markup
  ) -> Markup {
    """
    <li>\(cover(picture, name: title, .tile, isRound: kind == .artist))<div>
    <h2><a \(href: page(of: kind, id))>\(name(title))</a></h2>
    <p>\(words) \(disambiguationNote(disambiguation))</p>
    <p class="quiet">\(musicBrainz(kind, id))</p>
    </div>
    <p class="score"><span class="quiet">Score</span> \(score)\(Chart.bar(score, of: 100))</p></li>
    """
  }

  private func disambiguationNote(_ text: String?) -> Markup {
    guard let text, !text.isEmpty else { return "" }
    return "<i class=\"quiet\">\(name(text))</i>"
  }
}
