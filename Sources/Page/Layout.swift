/// What every page has around its content.
public struct Layout: Sendable {
  public let root: Root
  public let images: ImagePolicy

  public init(root: Root, images: ImagePolicy) {
    self.root = root
    self.images = images
  }

  /// A whole document.
  ///
  /// - Parameters:
  ///   - query: what is in the search field.
  ///   - isHome: the page with a search field of its own.
  func document(title: String, query: String = "", isHome: Bool = false, _ content: Markup) -> [UInt8] {
    let header: Markup =
      isHome
      ? ""
      : """
      <header class="top">
      <a class="mark" \(href: Address(root, []))>Linernotes</a>
      \(searchForm(query, isLarge: false))
      </header>
      """
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(title)</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" type="image/svg+xml" \(href: Asset.icon.address(root))>
      <link rel="stylesheet" \(href: Asset.style.address(root))>
      <script defer \(src: Asset.script.address(root))></script>
      </head>
      <body>
      <a class="skip" href="#content">Skip to the content</a>
      \(header)
      <main id="content" tabindex="-1">
      \(content)
      </main>
      <footer>
      <p>Music metadata from <a rel="noopener noreferrer" href="https://musicbrainz.org/">MusicBrainz</a> and others, as \
      Lidarr gets it.</p>
      <p><a \(href: Address(root, ["health"]))>Health</a> as JSON</p>
      </footer>
      </body>
      </html>

      """
    return page.bytes
  }

  func searchForm(_ query: String, isLarge: Bool) -> Markup {
    let style: Markup = isLarge ? "search large" : "search"
    return """
      <form class="\(style)" role="search" method="get" \(action: Address(root, ["ui", "search"]))>
      <label for="q">Artist or album</label>
      <input id="q" name="q" type="search" value="\(query)" maxlength="200" required autocomplete="off" \
      autocapitalize="none" spellcheck="false" enterkeyhint="search">
      <button>Search</button>
      </form>
      """
  }

  // MARK: - Links

  func page(of kind: Entity.Kind, _ id: String) -> Address { Address(root, ["ui", kind.rawValue, id]) }

  /// A link that leaves this server.
  func away(_ address: Address, _ text: Markup) -> Markup {
    "<a class=\"away\" rel=\"noopener noreferrer\" \(href: address)>\(text)</a>"
  }

  func musicBrainz(_ kind: Entity.Kind, _ id: String) -> Markup? {
    Address(web: "https://musicbrainz.org/\(kind == .artist ? "artist" : "release-group")/\(id)").map {
      away($0, "MusicBrainz")
    }
  }

  // MARK: - Pictures

  /// A square with a picture, or with the first letter of what it would show. The name is beside it, so a picture has no
  /// text of its own.
  func cover(_ url: String?, name: String, _ size: Picture.Size, isRound: Bool = false) -> Markup {
    // By scalars: a character may have any number of marks.
    let first = name.unicodeScalars.first { $0.properties.isAlphabetic || $0.properties.numericType != nil }
    let letter = first.map { String($0).uppercased() } ?? "♪"
    let tint = name.utf8.reduce(0) { ($0 &+ Int($1)) % 6 }
    let shape: Markup = isRound ? "art round" : "art"
    guard let picture = Picture(url, images, size) else {
      return "<span class=\"\(shape) t\(tint)\" aria-hidden=\"true\">\(letter)</span>"
    }
    let large: Markup = picture.large.map { " srcset=\"\($0.text) 2x\"" } ?? ""
    let loading: Markup = size == .tile ? " loading=\"lazy\"" : ""
    return """
      <span class="\(shape) t\(tint)"><span aria-hidden="true">\(letter)</span><img alt="" decoding="async"\(loading) \
      \(src: picture.address)\(large)></span>
      """
  }
}
