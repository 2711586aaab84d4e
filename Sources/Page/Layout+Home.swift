internal import Core

extension Layout {
  /// The first page: a search field, how the server is, and how Lidarr is pointed at it.
  public func home(_ overview: Overview) -> [UInt8] {
    let content: Markup = """
      <section class="hero">
      <h1><span>Linernotes</span></h1>
      <p class="lead">Look up what Lidarr would get.</p>
      \(searchForm("", isLarge: true))
      </section>
      \(status(overview))
      \(overview.figures.map { figures($0, overview.now) })
      \(parts(overview))
      \(pointing(overview))
      """
    return document(title: "Linernotes", isHome: true, content)
  }

  // MARK: - The whole

  private func status(_ overview: Overview) -> Markup {
    let (word, mark): (Markup, Markup) =
      switch overview.whole {
      case .healthy: ("Healthy", "good")
      case .degraded: ("Degraded", "fair")
      case .unhealthy: ("Unhealthy", "bad")
      }
    let meaning: Markup =
      switch overview.whole {
      case .healthy: "Everything answers."
      case .degraded: "Clients get answers, though something is not as it should be."
      case .unhealthy: "Nothing is left to answer from."
      }
    var facts = Markup()
    facts.append(fact("Version", "\(overview.version)\(overview.commit.map { " (\($0.prefix(12)))" } ?? "")"))
    facts.append(fact("Source", "\(overview.source)"))
    if let vintage = overview.vintage { facts.append(fact("Data as of", Layout.time(vintage))) }
    if let since = overview.since {
      facts.append(fact("Serving for", "\(Words.span(overview.now - since))"))
    }
    for part in overview.parts ?? [] where Layout.isFreshness(part) {
      facts.append(fact("\(Layout.title(part.name))", "\(part.detail)"))
    }
    return """
      <section class="status" aria-labelledby="status">
      <h2 id="status" class="\(mark)">\(word)</h2>
      <p>\(meaning)</p>
      <dl class="facts">\(facts)</dl>
      </section>
      """
  }

  func fact(_ name: Markup, _ value: Markup) -> Markup { "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }

  /// `2026-07-24T10:00:00+00:00` as `24 July 2026`, with the whole for machines.
  static func time(_ text: String) -> Markup {
    guard let day = day(text) else { return "\(text)" }
    return "<time datetime=\"\(text)\">\(day)</time>"
  }

  static func day(_ text: String) -> String? {
    let parts = text.utf8.prefix(10).split(separator: UInt8(ascii: "-")).map { Int(String(Substring($0))) ?? 0 }
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    guard parts.count == 3, (1...12).contains(parts[1]), (1...31).contains(parts[2]), parts[0] > 0 else { return nil }
    return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
  }

  // MARK: - Figures

  private func figures(_ figures: Figures, _ now: UnixTime) -> Markup {
    let total = figures.lookups.reduce(0) { $0 + max(0, $1.count) }
    var legend = Markup()
    for (index, lookup) in figures.lookups.enumerated() {
      let share = total > 0 ? lookup.count * 1_000 / total : 0
      legend.append(
        """
        <li><span class="key s\(index % 5)" aria-hidden="true"></span>\(lookup.name) \
        <b>\(share / 10).\(share % 10) %</b> <span class="quiet">\(Words.number(lookup.count))</span></li>
        """)
    }
    var columns = Markup()
    for latency in figures.latencies where latency.count > 0 {
      let fast = latency.percentile(50).map { Words.duration(microseconds: $0) } ?? "longer"
      let slow = latency.percentile(95).map { Words.duration(microseconds: $0) } ?? "longer"
      columns.append(
        """
        <figure>\(Chart.columns(latency.buckets.map(\.count)))\(axis(latency))
        <figcaption><b>\(latency.name)</b> half within \(fast), 95 % within \(slow) \
        <span class="quiet">\(Words.number(latency.count))</span></figcaption></figure>
        """)
    }
    return """
      <section aria-labelledby="figures">
      <h2 id="figures">In figures</h2>
      <p class="quiet">\(Words.count(figures.requests, "request", "requests")) in \(Words.span(now - figures.since)), \
      \(Words.number(figures.failures)) failed.</p>
      <figure class="wide">\(Chart.shares(figures.lookups.map(\.count)))
      <figcaption><b>Found in</b><ul class="legend">\(legend)</ul></figcaption></figure>
      <div class="figures">\(columns)</div>
      </section>
      """
  }

  /// What the first and the last column stand for.
  private func axis(_ latency: Figures.Latency) -> Markup {
    let bounds = latency.buckets.compactMap(\.upTo)
    guard let least = bounds.first, let most = bounds.last else { return "" }
    return """
      <p class="axis" aria-hidden="true"><span>\(Words.duration(microseconds: least))</span>\
      <span>\(Words.duration(microseconds: most))</span></p>
      """
  }

  // MARK: - The parts

  /// What tells how fresh the data is stands with the whole.
  private static func isFreshness(_ part: Overview.Part) -> Bool {
    ["replication", "invalidation", "changes", "queue", "sweep"].contains(part.name)
  }

  private static func title(_ name: String) -> String {
    switch name {
    case "musicbrainz": "MusicBrainz"
    case "cache": "Shared cache"
    case "durable": "Store"
    case "dataset": "Dataset file"
    case "search.index": "Search index"
    case "search.solr": "Solr"
    case "rabbitmq": "RabbitMQ"
    case "provider.fanart": "fanart.tv"
    case "provider.tadb": "TheAudioDB"
    case "provider.caa": "Cover Art Archive"
    case "provider.commons": "Wikimedia Commons"
    case "provider.wikipedia": "Wikipedia"
    case "provider.spotify": "Spotify"
    default: name.prefix(1).uppercased() + name.dropFirst()
    }
  }

  private func parts(_ overview: Overview) -> Markup {
    guard let parts = overview.parts else { return "" }
    let shown = parts.filter { !Layout.isFreshness($0) }
    // Of those that are all quick, none is to look slow.
    let slowest = max(shown.compactMap(\.microseconds).max() ?? 0, 20_000)
    var rows = Markup()
    for part in shown {
      let mark: Markup =
        switch (part.isUp, part.advice) {
        case (true, nil): "<span class=\"good\">up</span>"
        case (true, _): "<span class=\"fair\">up, but</span>"
        default: "<span class=\"bad\">down</span>"
        }
      let latency: Markup =
        part.microseconds.map { "\(Chart.bar($0, of: slowest))<span>\(Words.duration(microseconds: $0))</span>" }
        ?? "<span>not asked</span>"
      let advice: Markup? = part.advice.map { "<span class=\"advice\">\($0)</span>" }
      rows.append(
        """
        <tr><th scope="row">\(Layout.title(part.name))</th><td>\(mark)</td><td class="latency">\(latency)</td>\
        <td>\(Words.span(overview.now - part.since))</td><td>\(part.detail)\(advice)</td></tr>
        """)
    }
    return """
      <section aria-labelledby="parts">
      <h2 id="parts">What it depends on</h2>
      <table class="parts">
      <thead><tr><th scope="col">Part</th><th scope="col">State</th><th scope="col">Answered in</th>\
      <th scope="col">For</th><th scope="col">Detail</th></tr></thead>
      <tbody>\(rows)</tbody>
      </table>
      </section>
      """
  }

  // MARK: - Pointing Lidarr here

  private func pointing(_ overview: Overview) -> Markup {
    let address = overview.address ?? "http://this-server:5001"
    return """
      <section aria-labelledby="lidarr">
      <h2 id="lidarr">Point Lidarr here</h2>
      <p>Lidarr asks the server that its setting <code>metadataSource</code> names. This one is</p>
      <p class="copy"><code id="address" \(data: "data-root", Address(root, []))>\(address)</code>\
      <button type="button" hidden data-copy="address">Copy</button></p>
      <p>Where Linernotes is installed, one command changes it, and looks whether a search works then:</p>
      <pre tabindex="0"><code>linernotes lidarr --url http://lidarr:8686 --to <span data-address>\(address)</span></code></pre>
      <p>Anywhere else a shell and curl will do:</p>
      <pre tabindex="0"><code>deploy/lidarr/switch --url http://lidarr:8686 --to <span data-address>\(address)</span></code></pre>
      <p class="quiet">Both read Lidarr’s API key (Settings, General) from LIDARR_API_KEY, a file or standard input, and go \
      back with <code>--revert</code>.</p>
      </section>
      """
  }
}
