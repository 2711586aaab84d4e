import Core
import Testing

@Suite struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("a", "a", 0), ("abc", "abd", 1), ("abc", "ab", 1), ("ab", "abc", 1), ("abcd", "abdc", 1),
    ("metallica", "mettalica", 2), ("linkinpark", "lincolnpark", 3), ("ca", "abc", 3), ("кино", "кини", 1),
  ])
  func `mistakes are counted`(left: String, right: String, distance: Int) {
    #expect(EditDistance.between(left, right, limit: 5) == distance)
    #expect(EditDistance.between(right, left, limit: 5) == distance)
    #expect(EditDistance.between(left, right, limit: distance - 1) == nil)
  }
}
