internal import Core

extension EditDistance {
  /// How many mistakes a text of this length may have before it is another text; one more when it is to be the name of
  /// somebody well known, of whom there are not many.
  static func allowed(length: Int, isKnown: Bool = false) -> Int {
    switch length {
    case ...3: 0
    case ...7: 1
    case ...9: 2
    default: isKnown ? 3 : 2
    }
  }
}
