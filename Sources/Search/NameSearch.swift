internal import Core

/// Finds what a request means in a table of names. The table only finds candidates; what they are worth is decided by
/// ``Finds``.
///
/// One trip answers when a name is typed as somebody is called; a second looks for mistakes and for parts of the query,
/// a third for several mistakes.
struct NameSearch {
  let table: any NameTable

  typealias Step = (question: NameQuestion, found: Found)

  init(_ table: any NameTable) { self.table = table }

  /// The best hits first.
  func hits(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    let query = SearchQuery(request.text)
    guard !query.isEmpty else { return [] }
    if request.scope == .albums, let artist = request.artist.map({ SearchQuery($0) }), !artist.isEmpty {
      return try albums(query, by: artist, deadline).best(request.limit)
    }
    var finds = try namedSo(query, request.scope, by: deadline)
    try addMistyped(query, request.scope, to: &finds, by: deadline)
    return finds.hits(request.scope).best(request.limit)
  }

  private func run(_ steps: [Step], into finds: inout Finds, by deadline: Deadline) throws(SourceError) {
    guard !steps.isEmpty else { return }
    try table.ask(steps.map(\.question), by: deadline) { index, answer in
      if let artist = answer.artist {
        finds.add(pair: answer.candidate, artist: artist.id, calledAs: artist.key)
      } else {
        finds.add(answer.candidate, steps[index].found)
      }
    }
  }

  // MARK: - Names as they were typed

  private func namedSo(
    _ query: SearchQuery, _ scope: SearchRequest.Scope, isOneOfSeveral: Bool = false, by deadline: Deadline
  ) throws(SourceError) -> Finds {
    let keys = query.keys + query.otherKeys
    let words = Array(Set(query.folding.words))
    let parts = Array(Set(query.splits.flatMap { [$0.left, $0.right] }))
    var finds = Finds(query)
    // An artist may stand between brackets and dashes.
    let places = scope != .artists && Phrase(query.text).hasCuts ? finds.placeArtists() : []
    let isLongEnough = finds.ranking.isLongEnoughForBeginning

    var steps: [Step] = []
    if scope != .albums {
      steps.append((.artistsByKey(keys), .artists))
      if isLongEnough { steps.append((.artistsByBeginning(query.folding.key), .artists)) }
      if !words.isEmpty { steps.append((.artistsByWords(words), .artistsByWords)) }
    }
    if scope != .artists {
      steps.append((.albumsByKey(keys), .albums))
      if isLongEnough { steps.append((.albumsByBeginning(query.folding.key), .albums)) }
      if !words.isEmpty { steps.append((.albumsByWords(words), .albumsByWords)) }
    }
    if !parts.isEmpty {
      steps.append((.albumsByArtistsCalled(parts, titles: parts), .pairs))
      steps.append((.artistsByKey(Array(Set(parts + places))), .partArtists))
    }
    if isOneOfSeveral {
      finds.relaxArtist()
      let names = Array(finds.namedArtists.keys)
      if !names.isEmpty { steps.append((.artistsByKey(names), .namedArtists)) }
    }
    try run(steps, into: &finds, by: deadline)
    return finds
  }

  // MARK: - Mistakes

  private func addMistyped(
    _ query: SearchQuery, _ scope: SearchRequest.Scope, isCertain: Bool = true, to finds: inout Finds,
    by deadline: Deadline
  ) throws(SourceError) {
    guard finds.isUncertain || !isCertain else { return }
    var steps = likenesses(query, mistakes: 1, scope)
    if let first = finds.firstArtist {
      steps += likenesses(first, mistakes: 1, .artists).map { ($0.question, .firstArtist) }
    }
    if scope != .artists { steps += relaxations(to: &finds) }
    if !query.splits.isEmpty {
      // One part is an artist's name: the other may be the beginning of an album of theirs, or one with a mistake in it.
      let artists = finds.partArtistKeys(8)
      if !artists.isEmpty { steps.append((.albumsByArtists(artists), .albumsOfParts)) }
      // One part is an album's title: the other may be its artist with a mistake in it.
      let titles = Array(Set(query.splits.flatMap { [$0.left, $0.right] }.filter { $0.unicodeScalars.count >= 4 }))
      if !titles.isEmpty { steps.append((.albumsByKey(titles), .albumsWithParts)) }
    }
    try run(steps, into: &finds, by: deadline)
    guard finds.isHopeless else { return }

    steps = likenesses(query, mistakes: 2, scope)
    if scope != .albums {
      // Mistakes that leave neither end as it is: only those who are known are few enough to look at each.
      let lengths = query.lengthsOfKnown
      if !lengths.isEmpty { steps.append((.artistsKnown(lengths: lengths), .artists)) }
    }
    for anchor in query.anchors {
      if scope != .albums { steps.append((.artistsByWords([anchor]), .artists)) }
      if scope != .artists { steps.append((.albumsByWords([anchor]), .albums)) }
    }
    try run(steps, into: &finds, by: deadline)
    finds.addNamedByPart()
  }

  /// Albums of the artists that a part of the query names, and albums of whose title the query says more than enough.
  private func relaxations(to finds: inout Finds) -> [Step] {
    var steps: [Step] = []
    let (artists, titles) = finds.titlesBesideParts()
    if !artists.isEmpty, !titles.isEmpty { steps.append((.albumsByArtistsAndKeys(artists, titles), .albumsOfParts)) }
    let others = finds.relaxation.map { Array($0.distinctiveTitles.keys) } ?? []
    if !others.isEmpty { steps.append((.albumsByKey(others), .albumsOfTitles)) }
    return steps
  }

  private func likenesses(_ query: SearchQuery, mistakes: Int, _ scope: SearchRequest.Scope) -> [Step] {
    var steps: [Step] = []
    for ends in query.intactEnds(mistakes: mistakes) {
      if scope != .albums { steps.append((.artistsByLikeness(ends), .artists)) }
      if scope != .artists { steps.append((.albumsByLikeness(ends), .albums)) }
    }
    return steps
  }

  // MARK: - Albums of an artist

  private func albums(
    _ query: SearchQuery, by artist: SearchQuery, _ deadline: Deadline
  ) throws(SourceError) -> [SearchHit] {
    var artists = try namedSo(artist, .artists, isOneOfSeveral: true, by: deadline)
    if artists.hasArtist, !artists.namedArtists.isEmpty {
      let finds = try albums(query, by: artists, of: artist, deadline)
      if !finds.isHopeless { return finds.hits(.albums) }
    }
    // Not even an artist of several names is sure to be meant if no album fits: "Simon & Garfunkle".
    try addMistyped(artist, .artists, isCertain: artists.namedArtists.isEmpty, to: &artists, by: deadline)
    return try albums(query, by: artists, of: artist, deadline).hits(.albums)
  }

  private func albums(
    _ query: SearchQuery, by artists: Finds, of artist: SearchQuery, _ deadline: Deadline
  ) throws(SourceError) -> Finds {
    let scores = artists.artistScores(best: 40)

    var finds = Finds(query)
    finds.artistScores = scores
    finds.relax()
    var steps: [Step] = []
    if !scores.isEmpty {
      let best = Array(artists.artistScores(best: 20).keys)
      steps.append((.albumsByArtists(best), .albumsOfArtists))
      // Of who has thousands, and of who is not among the best, only what is called so.
      let titles = Array(Set(query.keys + query.otherKeys + (finds.relaxation.map { Array($0.titles.keys) } ?? [])))
      steps.append((.albumsByArtistsAndKeys(Array(scores.keys), titles), .albumsOfArtists))
      for nobody in artists.nobodyKeys {
        for ends in query.intactEnds(mistakes: 1) {
          steps.append((.albumsByArtistsAndLikeness([nobody], ends), .albumsOfArtists))
        }
      }
    }
    // An album of several artists is found by the names of any of them.
    let words = Array(Set(query.folding.words + artist.folding.words))
    if !query.folding.words.isEmpty, !artist.folding.words.isEmpty {
      steps.append((.albumsByWords(words), .albumsByWords))
    }
    try run(steps, into: &finds, by: deadline)
    finds.addRelaxedWithMistakes()
    return finds
  }
}
