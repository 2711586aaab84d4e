extension String {
  /// Whether it is this text of the code's own, which is plain ASCII.
  ///
  /// Strings are equal by their characters, and to bring some to the form in which they are compared takes time that
  /// grows with the square of their length: a path of 16 KB of combining marks took a tenth of a second each time. One
  /// of another length is told apart without that.
  func isExactly(_ text: String) -> Bool { utf8.count == text.utf8.count && self == text }
}

extension String {
  /// Whether both are the same. All bytes are compared, so that the time tells nothing of how many are right.
  func isSameSecret(as other: String) -> Bool {
    utf8.count == other.utf8.count && zip(utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
