import Testing

@testable import Search

@Suite struct FoldingTests {
  static let alike: [(String, String)] = [
    ("Mötley Crüe", "motley crue"), ("BJÖRK", "Bjo\u{308}rk"), ("Sigur Rós", "sigur ros"), ("Ørsted", "orsted"),
    ("Straße", "STRASSE"), ("Ænima", "aenima"), ("Łódź", "lodz"), ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
    ("The Academy Is…", "The Academy Is..."), ("Plain White T’s", "plain white ts"), ("Don’t", "Dont"),
    ("AC/DC", "acdc"), ("m-flo", "M‐FLO"), ("M.I.A.", "mia"), ("Portugal. The Man", "Portugal the Man"),
    ("Simon & Garfunkel", "Simon and Garfunkel"), ("Florence + the Machine", "florence and the machine"),
    ("Guns N' Roses", "guns and roses"), ("Rock ’n’ Roll", "rock & roll"), ("Ke$ha", "kesha"), ("P!nk", "pink"),
    ("A$AP Rocky", "asap rocky"), ("$uicideboy$", "suicideboys"), ("Panic! at the Disco", "panic at the disco"),
    ("ボア", "ぼあ"), ("ﾎﾞｱ", "ボア"), ("ホ\u{3099}ア", "ボア"), ("サマーれげぇ!", "さまーれげぇ"),
    ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
    ("鄧麗君", "邓丽君"), ("後藤真希", "后藤真希"), ("Фёдор", "ФЕДОР"), ("Ελληνικός", "ΕΛΛΗΝΙΚΌΣ"), ("Ⅷ", "viii"), ("½", "1/2"),
    ("Sunn O)))", "sunn o"), ("Foo™", "foo"), ("soft\u{ad}hyphen", "softhyphen"), ("İstanbul", "istanbul"),
  ]

  @Test(arguments: alike)
  func `what people write differently is the same`(one: String, other: String) {
    #expect(Folding(one).key == Folding(other).key)
    #expect(!Folding(one).key.isEmpty)
  }

  @Test(arguments: [("a", "b"), ("か", "が"), ("и", "я"), ("은", "을"), ("Air", "Airs"), ("!!!", "???"), ("+", "-")])
  func `different names stay different`(one: String, other: String) {
    #expect(Folding(one).key != Folding(other).key)
  }

  @Test(arguments: [
    ("!!!", "!!!"), ("+", "+"), ("&", "&"), ("( )", "()"), ("~▲†▲~", "~▲†▲~"), ("…", "..."), ("$", "$"),
  ])
  func `a name of signs only is its signs`(text: String, key: String) {
    #expect(Folding(text).key == key)
    #expect(Folding(text).words.isEmpty)
  }

  @Test(arguments: [
    ("The Chemical Brothers", "chemicalbrothers"), ("Chemical Brothers, The", "chemicalbrothers"),
    ("Les Négresses Vertes", "negressesvertes"), ("The The", "the"),
  ])
  func `an article can be left out`(text: String, key: String) {
    #expect(Folding(text).keyWithoutArticle == key)
  }

  @Test(arguments: ["The", "Theory", "Chemical Brothers The", "!!!", ""])
  func `what is no article stays`(text: String) {
    #expect(Folding(text).keyWithoutArticle == nil)
  }

  @Test(arguments: [("Lateef & The Chief", "lateefthechief"), ("The Mamas and the Papas", "mamasthepapas")])
  func `an "and" can be left out`(text: String, key: String) {
    #expect(Folding(text).keyWithoutAnd == key)
    #expect(Folding("And").keyWithoutAnd == nil)
  }

  @Test func `words are cut where a reader would cut them`() {
    #expect(
      Folding("A.B. Quintanilla’s All-Starz, Vol.2 (live)").words == [
        "ab", "quintanillas", "all", "starz", "vol", "2", "live",
      ])
    #expect(Folding("Decorate.Decorate").words == ["decorate", "decorate"])
    #expect(Folding("& And Oceans").words == ["and", "and", "oceans"])
    #expect(Folding("+44").words == ["44"])
  }

  @Test func `anything can be folded`() {
    #expect(Folding("").key == "")
    #expect(Folding("\u{0}\u{0} \t").key == "")
    #expect(Folding(String(repeating: "äb ", count: 10_000)).key.unicodeScalars.count == Folding.longestKey)
    #expect(Folding(String(repeating: "\u{301}", count: 100)).key == "")
  }
}
