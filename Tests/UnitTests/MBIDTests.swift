import Core
import Testing

@Suite struct MBIDTests {
  static let text = "472bc127-8861-45e8-bc9e-31e8dd32de7a"

  @Test(arguments: [
    text, "472BC127-8861-45E8-BC9E-31E8DD32DE7A", "472bc127886145e8bc9e31e8dd32de7a", "{\(text)}",
  ])
  func `is read from every form the original server reads and written as one`(form: String) {
    #expect(MBID(form)?.description == Self.text)
  }

  @Test func `whatever is written is read as it was`() {
    for _ in 0..<1_000 {
      let id = MBID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
      let text = id.description
      #expect(text.utf8.count == 36 && text == text.lowercased())
      #expect(MBID(text) == id)
    }
  }

  @Test(arguments: [
    "", "xyz", "\(text)0", "472bc127-8861-45e8-bc9e-31e8dd32de7g", " \(text)", "\(text)/", "urn:uuid:\(text)",
    "66c66aaa-6e2f-4930-aaaaaa", "472bc1278-861-45e8-bc9e-31e8dd32de7a", "{\(text)", "{}", "\u{0}", "é",
    "472bc127-8861-45e8-bc9e-31e8dd32de7\u{0}",
  ])
  func `anything else is refused`(text: String) {
    #expect(MBID(text) == nil)
  }
}
