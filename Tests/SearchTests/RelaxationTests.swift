import Testing

@testable import Search

@Suite struct RelaxationTests {
  @Test(arguments: [
    "Clear Water (Deluxe)", "Clear Water [Box]", "Clear Water - Deluxe Edition", "Clear Water 2012",
    "Clear Water: Live",
    "Clear Water 【限定盤】", "Clear Water CD 2", "[CD1] Clear Water", "2012 - Clear Water", "Clear Water live",
    "Clear Water (2011 Remaster) [Explicit]", "Clear Water – Édition limitée", "Clear Water {180 gram}",
  ])
  func `a title is found in what lists make of it`(text: String) {
    #expect(Relaxation(text).titles["clearwater"] != nil)
  }

  @Test func `the more is left out and the less plainly, the more it costs`() throws {
    let titles = Relaxation("Clear Water Deluxe (2012)").titles
    let one = try #require(titles["clearwaterdeluxe"])
    let two = try #require(titles["clearwater"])
    let three = try #require(titles["clear"])
    #expect(one < two)
    #expect(two < three)
    #expect(try #require(Relaxation("Clear Water (Deluxe)").titles["clearwater"]) < two)
  }

  @Test func `the whole is no part, and what stands in brackets alone is none of its beginning`() {
    #expect(Relaxation("Clear Water").titles["clearwater"] == nil)
    #expect(Relaxation("Clear Water (Live)").titles["live"] == nil)
    #expect(Relaxation("(Live)").titles.isEmpty)
    #expect(Relaxation("").titles.isEmpty)
    #expect(Relaxation("!!!").titles.isEmpty)
  }

  @Test(arguments: [
    "Cora Lindqvist feat. Ben Holm", "Cora Lindqvist & Ben Holm", "Cora Lindqvist; Ben Holm",
    "Cora Lindqvist, Ben Holm",
    "Cora Lindqvist x Ben Holm", "Cora Lindqvist vs Ben Holm", "Cora Lindqvist with Ben Holm",
    "Cora Lindqvist (feat. Ben Holm)", "Cora Lindqvist · Ben Holm", "Cora Lindqvist / Ben Holm",
    "Cora Lindqvist + Ben Holm",
  ])
  func `each of several artists is told`(text: String) throws {
    let artists = Relaxation(text).artists
    let first = try #require(artists["coralindqvist"])
    #expect(first < (try #require(artists["benholm"])))
    #expect(Relaxation(text).firstArtist == "cora lindqvist")
  }

  @Test func `a name with a comma in it is still whole`() {
    #expect(Relaxation("Earth, Wind & Fire feat. The Emotions").artists["earthwindandfire"] != nil)
    #expect(Relaxation("Cora Lindqvist").artists.isEmpty)
  }

  @Test(arguments: [
    ("Ada Quince Clear Water (Deluxe)", 0..<2), ("Ada Quince - Clear Water 2012", 0..<2),
    ("Clear Water - Ada Quince", 2..<4), ("Clear Water [CD1] - Ada Quince (Explicit)", 3..<5),
    ("Ada Quince feat. Ben Holm - Clear Water", 0..<2), ("Ada Quince & Ben Holm Clear Water", 0..<2),
    ("Ada Quince presents Ben Holm - Clear Water", 0..<2),
  ])
  func `an artist and a title are found in one line`(text: String, artist: Range<Int>) {
    let relaxation = Relaxation(text)
    #expect(relaxation.artistPlaces["adaquince"]?.contains(artist) == true)
    #expect(relaxation.titles(beside: artist)["clearwater"] != nil)
  }

  @Test func `words that nothing explains are not passed over`() {
    let relaxation = Relaxation("Ada Quince xqzzt vbrkl live")
    #expect(relaxation.titles(beside: 0..<2)["live"] == nil)
    #expect(relaxation.distinctiveTitles["adaquince"] == nil)
  }

  @Test func `a text of any length is bounded`() {
    let relaxation = Relaxation(String(repeating: "a, (b) - ", count: 2_000))
    #expect(relaxation.titles.count < 200)
    #expect(relaxation.artistPlaces.count < 400)
  }
}
