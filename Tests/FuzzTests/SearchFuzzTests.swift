import Core
import Testing

@testable import Metadata
@testable import Search

@Suite struct SearchFuzzTests {
  @Test func `names and what is left of them`() throws {
    try Fuzz("Folding", inputs: 5_000).run(Corpus.names) { input, _ in
      let text = String(decoding: input, as: UTF8.self)
      let folding = Folding(text)
      let keys = [folding.key, folding.keyWithoutArticle, folding.keyWithoutAnd].compactMap(\.self)
      try check(keys.allSatisfy { $0.unicodeScalars.count <= 100 }, "a long key")
      try check(folding.words.count <= 32 && folding.words.allSatisfy { !$0.isEmpty }, "\(folding.words)")
      try check(!keys.contains { $0.unicodeScalars.contains { $0.properties.isWhitespace } }, "a space in a key")
      // What is in the index is compared with what is asked for: folded again it must be the same.
      try check(Folding(folding.key).key == folding.key || !folding.words.isEmpty, "\(folding.key) folds on")
      if folding.words.count < 32, folding.key.unicodeScalars.count < 100 {
        let again = Folding(folding.words.joined(separator: " "))
        try check(again.key == folding.key || folding.words.isEmpty, "\(folding.words) becomes \(again.words)")
      }
      try check(Folding(text.uppercased()).key == Folding(text.uppercased()).key, "not the same twice")
      let entries = NameEntries(name: text, others: [text, String(text.reversed())]).entries
      try check(Set(entries.map(\.key)).count == entries.count && entries.count <= 12, "a key twice")
      _ = Genre.capitalized(text)
    }
  }

  @Test func `parts of queries`() throws {
    try Fuzz("Relaxation", inputs: 1_000).run(Corpus.names) { input, randomness in
      let other = String(decoding: randomness.one(of: Corpus.names), as: UTF8.self)
      let text = "\(String(decoding: input, as: UTF8.self)) - \(other) (\(other))"
      let relaxation = Relaxation(text)
      let costs = relaxation.titles.merging(relaxation.distinctiveTitles, uniquingKeysWith: max)
        .merging(relaxation.artists, uniquingKeysWith: max)
      try check(costs.allSatisfy { !$0.key.isEmpty && (0...40).contains($0.value) }, "\(costs)")
      let places = relaxation.artistPlaces.values.flatMap(\.self)
      try check(places.allSatisfy { !$0.isEmpty && $0.upperBound <= Folding.mostWords }, "\(places)")
      for place in places.prefix(8) {
        try check(relaxation.titles(beside: place).allSatisfy { (0...40).contains($0.value) }, "\(place)")
      }
    }
  }

  @Test func `queries`() throws {
    try Fuzz("SearchQuery", inputs: 1_500).run(Corpus.names) { input, randomness in
      let query = SearchQuery(String(decoding: input, as: UTF8.self))
      try check(query.keys.allSatisfy { !$0.isEmpty } && query.isEmpty == query.keys.isEmpty, "\(query.keys)")
      try check(query.splits.count <= 16 * 13 && query.otherKeys.count <= 12, "\(query.splits.count) splits")
      try check(query.splits.allSatisfy { !$0.left.isEmpty && !$0.right.isEmpty }, "half a split")
      try check(query.lengthsOfKnown.allSatisfy { $0 > 0 && $0 <= 103 }, "\(query.lengthsOfKnown)")
      try check(query.anchors.count <= 3, "\(query.anchors)")
      for mistakes in [1, 2] {
        for ends in query.intactEnds(mistakes: mistakes) {
          try check(ends.lengths.allSatisfy { $0 > 0 }, "\(ends)")
        }
      }
      let other = String(decoding: randomness.one(of: Corpus.names), as: UTF8.self)
      let folding = Folding(other)
      var finds = Finds(query)
      for found in [
        Found.artists, .artistsByWords, .albums, .albumsByWords, .partArtists, .albumsOfParts, .albumsWithParts,
      ] {
        let candidate = Candidate(
          id: MBID(high: 0, low: UInt64(randomness.below(4))), artist: randomness.below(3),
          form: Candidate.Form(rawValue: randomness.below(4)) ?? .name,
          popularity: Double(randomness.below(1_001)) / 1_000,
          key: randomness.once(in: 2) ? folding.key : query.folding.key,
          name: other, credit: randomness.once(in: 2) ? other : "")
        finds.add(candidate, found)
      }
      finds.addNamedByPart()
      try checkHits(finds.hits(.everything))
    }
  }

  private func checkHits(_ hits: [SearchHit]) throws {
    try check(hits.allSatisfy { $0.score.isFinite && (0...100).contains($0.score) }, "scores \(hits.map(\.score))")
    try check(zip(hits, hits.dropFirst()).allSatisfy { $0.score >= $1.score }, "scores \(hits.map(\.score))")
    try check(Set(hits.map(\.entity)).count == hits.count, "somebody twice")
  }

  @Test func `mistakes are counted as the textbook counts them`() throws {
    try Fuzz("EditDistance", inputs: 3_000).run(Corpus.names) { input, randomness in
      let scalars = Array(String(decoding: input, as: UTF8.self).unicodeScalars.prefix(40))
      var other = scalars
      for _ in 0..<randomness.below(5) {
        let place = randomness.below(other.count + 1)
        switch randomness.below(4) {
        case 0: other.insert("x", at: place)
        case 1 where place < other.count: other.remove(at: place)
        case 2 where place < other.count: other[place] = "y"
        case 3 where place + 1 < other.count: other.swapAt(place, place + 1)
        default: other.append("z")
        }
      }
      if randomness.once(in: 8) {
        other = Array(String(decoding: randomness.one(of: Corpus.names), as: UTF8.self).unicodeScalars)
      }
      let distance = textbook(scalars, other)
      for limit in [0, 1, 2, 3, 50] {
        let counted = EditDistance.between(scalars, other, limit: limit)
        try check(
          counted == (distance <= limit ? distance : nil), "\(counted as Any) of \(distance) with limit \(limit)")
        try check(counted == EditDistance.between(other, scalars, limit: limit), "another way back")
      }
      let (first, second) = (String(String.UnicodeScalarView(scalars)), String(String.UnicodeScalarView(other)))
      let ratio = Similarity.ratio(first, second)
      try check((0...1).contains(ratio) && Similarity.ratio(first, first) == 1, "ratio \(ratio)")
    }
  }

  /// Optimal string alignment, without anything that would make it fast.
  private func textbook(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var table = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { table[i][0] = i }
    for j in 0...b.count { table[0][j] = j }
    for i in stride(from: 1, through: a.count, by: 1) {
      for j in stride(from: 1, through: b.count, by: 1) {
        var cost = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, table[i - 2][j - 2] + 1) }
        table[i][j] = cost
      }
    }
    return table[a.count][b.count]
  }

  @Test func `what is pasted`() throws {
    try Fuzz("Reference", inputs: 10_000).run(Corpus.names + Corpus.ids.map { Array($0.utf8) }) { input, _ in
      guard case .page(let urls)? = Reference(String(decoding: input, as: UTF8.self)) else { return }
      try check((1...8).contains(urls.count) && urls.allSatisfy { $0.hasPrefix("http") }, "\(urls)")
      try check(!urls.contains { $0.contains { $0.isWhitespace } }, "a space in \(urls)")
    }
  }

  // MARK: - A section of names

  @Test func `names in a file that somebody has written to`() throws {
    var bytes: [UInt8] = []
    let writer = NameSectionWriter(scratch: "/tmp", memory: 1 << 20) { bytes += $0 }
    for key in 1..<150 {
      let id = MBID(high: 1, low: UInt64(key))
      let name = "\(["Blue", "The Old", "Simon &"][key % 3]) \(["Sea", "Båt"][key % 2]) \(key)"
      try writer.add(
        ArtistNames(key: key, id: id, name: name, sortName: "Sea, \(key)", aliases: ["†", "x"], references: key * key))
      try writer.add(
        AlbumNames(key: key, id: id, title: "Live \(key % 9)", credit: key % 2 == 0 ? name : "b", artistKey: key % 20))
    }
    _ = try writer.finish()
    let texts = [
      "blue sea", "live", "blue sea 9 live 3", "teh old baat 10", "simon and", "xqzzt vbr", "†", "live (deluxe)",
    ]
    try Fuzz("NameSection", inputs: 1_500).run([bytes]) { input, randomness in
      // What is wrong at the ends is seen at once, so most is changed between them.
      var input = input
      if randomness.once(in: 2) || input.count < 1_024 {
        input = bytes
        for _ in 0...randomness.below(40) {
          input[randomness.below(input.count)] = UInt8(truncatingIfNeeded: randomness.next())
        }
        input.replaceSubrange(0..<8, with: bytes.prefix(8))
        input.replaceSubrange((input.count - 12)..., with: bytes.suffix(12))
      }
      try input.withUnsafeBytes { bytes in
        guard let section = try? NameSection(bytes, owner: nil) else { return }
        let search = MappedSearch(section)
        let scope = randomness.one(of: [SearchRequest.Scope.artists, .albums, .everything])
        let artist = scope == .albums && randomness.once(in: 2) ? randomness.one(of: texts) : nil
        let request = SearchRequest(scope, randomness.one(of: texts), artist: artist, limit: 20)
        let hits: [SearchHit]
        do throws(SourceError) { hits = try search.search(request, by: .after(milliseconds: 5_000)) } catch { return }
        try checkHits(hits)
        _ = try? SectionMatcher(section, links: NoLinks()).artists([request.text], by: .after(milliseconds: 5_000))
      }
    }
  }

  final class NoLinks: LinkSource {
    func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] { [] }
    func albums(ofReleasesOrGroups ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: AlbumMatch] {
      Dictionary(
        uniqueKeysWithValues: ids.map {
          ($0, AlbumMatch(id: $0, title: "", artistID: $0, artist: "", date: .unknown))
        })
    }
  }

  // MARK: - Solr

  final class Page: SearchTransport {
    var body: [UInt8] = []
    func get(_ urls: [String], by deadline: Deadline) -> [Result<SearchPage, SourceError>] {
      urls.map { _ in .success(SearchPage(status: 200, body: body)) }
    }
  }

  @Test func `answers of MusicBrainz's search`() throws {
    let corpus = Corpus.texts(
      #"{"artists":[{"id":"a16d1433-ba89-4f72-a47b-a370add0bb55","score":100,"name":"Beatles Revival Band","sort-name":"x"},"#
        + #"{"id":"b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d","score":90,"name":"The Beatles","sort-name":"Beatles, The","#
        + #""aliases":[{"name":"fab four"},{"name":null}]},{"id":"x","name":"broken"},{"name":null}]}"#,
      #"{"release-groups":[{"id":"22ca85ec-ee39-3895-aef9-dee5d5c2f4d6","score":1,"title":"Surrender","artist-credit":"#
        + #"[{"name":"The Chemical Brothers","joinphrase":" & ","artist":{"id":"1946a82a-f927-40c2-8235-38d64f50d043","#
        + #""name":"The Chemical Brothers"}},{"name":"B"}]}]}"#)
    let page = Page()
    let search = MusicBrainzSearch(
      .solr(url: "http://solr", artistCore: "a", albumCore: "b"), transport: page, timeoutMilliseconds: 100, rows: 10,
      now: { 0 })
    let queries = [
      "beatles", "chemical brothers surrender", "fab four", "surrender by the chemical brothers", "b", "!!!",
    ]
    try Fuzz("Solr", inputs: 1_500).run(corpus) { input, randomness in
      page.body = input
      let scope = randomness.one(of: [SearchRequest.Scope.artists, .albums, .everything])
      let request = SearchRequest(scope, randomness.one(of: queries), artist: nil, limit: randomness.below(12))
      let hits: [SearchHit]
      do throws(SourceError) { hits = try search.search(request, by: .after(milliseconds: 100)) } catch { return }
      try check(hits.count <= request.limit, "\(hits.count) hits")
      try checkHits(hits)
    }
  }

  @Test func `Lucene's language`() throws {
    try Fuzz("Lucene", inputs: 5_000).run(Corpus.names + Corpus.texts("a:b AND (c)^2 ~x* \\\"")) { input, _ in
      let text = MusicBrainzSearch.escaped(String(decoding: input, as: UTF8.self))
      var isEscaped = false
      for byte in text.utf8 {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else {
          try check(!#"+-&|!(){}[]^"~*?:/"#.utf8.contains(byte), "not escaped: \(text)")
        }
      }
      try check(!isEscaped, "a backslash at the end")
    }
  }
}
