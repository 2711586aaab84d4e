public import Core

extension Layout {
  /// An album with its releases and their tracks.
  ///
  /// - Parameter album: what `/album/{mbid}` answers.
  public func album(_ album: JSONValue, refreshing asking: Refreshing, notice: String? = nil) -> [UInt8] {
    let id = album["id"].text ?? ""
    let title = album["title"].text ?? ""
    let names = Dictionary(
      album["artists"].elements.map { ($0["id"].text ?? "", $0["artistname"].text ?? "") },
      uniquingKeysWith: { first, _ in first })
    let artist = album["artistid"].text ?? ""
    var facts = Markup()
    if let day = album["releasedate"].text { facts.append(fact("Released", Layout.time(day))) }
    let types = [album["type"].text].compactMap(\.self) + Entity.texts(album["secondarytypes"])
    if !types.isEmpty { facts.append(fact("Type", "\(types.joined(separator: " · "))")) }
    if let rating = Entity.rating(album) { facts.append(fact("Rating", "\(rating)")) }
    let releases = album["Releases"].elements
    let content: Markup = """
      \(self.notice(notice))
      <article>
      <div class="entity">
      \(cover(Entity.image(album, ["Cover", "Disc"]), name: title, .whole))
      <div>
      <p class="kind">Album by <a \(href: page(of: .artist, artist))>\(name(names[artist] ?? "an artist"))</a></p>
      <h1>\(name(title))</h1>
      \(disambiguation(album["disambiguation"].text))
      \(genres(album))
      <dl class="facts">\(facts)</dl>
      \(overview(album))
      \(links(album, first: musicBrainz(.album, id)))
      <div class="actions">\(refreshing(.album, id, asking))\(raw(Address(root, ["album", id])))</div>
      </div>
      </div>
      \(self.releases(releases, of: artist, names))
      </article>
      """
    let by = names[artist].map { " by \($0)" } ?? ""
    return document(title: "\(title)\(by) – Linernotes", content)
  }

  // MARK: - Releases

  /// Of so many the tracks are shown: an album may have hundreds of releases, mostly with the same tracks.
  private static let mostReleases = 40

  private func releases(_ releases: [JSONValue], of artist: String, _ names: [String: String]) -> Markup {
    guard !releases.isEmpty else { return "<p class=\"quiet\">No releases are listed.</p>" }
    let sorted = releases.sorted { ($0["ReleaseDate"].text ?? "9") < ($1["ReleaseDate"].text ?? "9") }
    var items = Markup()
    for (index, release) in sorted.prefix(Layout.mostReleases).enumerated() {
      items.append(self.release(release, isOpen: index == 0, of: artist, names))
    }
    let left = sorted.count - Layout.mostReleases
    let more: Markup = left > 0 ? "<p class=\"quiet\">\(Words.number(left)) more are in the JSON.</p>" : ""
    return """
      <section aria-labelledby="releases">
      <h2 id="releases">Releases <span class="quiet">\(Words.number(releases.count))</span></h2>
      \(items)\(more)
      </section>
      """
  }

  private func release(
    _ release: JSONValue, isOpen: Bool, of artist: String, _ names: [String: String]
  ) -> Markup {
    let media = release["Media"].elements
    var words = [release["ReleaseDate"].text].compactMap(\.self)
    words += Entity.texts(release["Country"]).prefix(2)
    words += Array(Set(media.compactMap { $0["Format"].text })).sorted()
    words += Entity.texts(release["Label"]).prefix(1)
    words.append(Words.count(release["TrackCount"].int ?? 0, "track", "tracks"))
    let status = release["Status"].text ?? ""
    var tables = Markup()
    for medium in media.sorted(by: { ($0["Position"].int ?? 0) < ($1["Position"].int ?? 0) }) {
      let position = medium["Position"].int
      let tracks = release["Tracks"].elements.filter { $0["MediumNumber"].int == position }
      guard !tracks.isEmpty else { continue }
      let title = medium["Name"].text ?? ""
      if media.count > 1 {
        tables.append("<h3>\(medium["Format"].text ?? "") \(position ?? 1) \(name(title))</h3>")
      }
      tables.append("<ol class=\"tracks\">\(Markup(tracks.map { track($0, of: artist, names) }))</ol>")
    }
    let open: Markup = isOpen ? " open" : ""
    return """
      <details\(open)><summary><span class="title">\(name(release["Title"].text ?? ""))</span> \
      \(disambiguationInline(release["Disambiguation"].text))<span class="quiet">\(status) · \
      \(words.joined(separator: " · "))</span></summary>\(tables)</details>
      """
  }

  private func disambiguationInline(_ text: String?) -> Markup {
    guard let text, !text.isEmpty else { return "" }
    return "<i>\(name(text))</i> "
  }

  private func track(_ track: JSONValue, of artist: String, _ names: [String: String]) -> Markup {
    let by = track["ArtistId"].text.flatMap { $0 == artist ? nil : names[$0] }
    let artist: Markup = by.map { " <span class=\"quiet\">– \(name($0))</span>" } ?? ""
    let length: Markup =
      track["DurationMs"].int.map { "<span class=\"length\">\(Words.length(milliseconds: $0))</span>" } ?? ""
    return """
      <li><span class="number">\(track["TrackNumber"].text ?? "")</span><span class="track">\
      \(name(track["TrackName"].text ?? ""))\(artist)</span>\(length)</li>
      """
  }
}
