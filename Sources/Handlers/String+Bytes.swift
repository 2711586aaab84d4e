extension String {
  /// Whether it is this text of the code's own, which is plain ASCII.
  ///
  /// Strings are equal by their characters, and to bring some to the form in which they are compared takes time that
  /// grows with the square of their length: a path of 16 KB of combining marks took a tenth of a second each time. One
  /// of another length is told apart without that.
  func isExactly(_ text: String) -> Bool { utf8.count == text.utf8.count && self == text }
}
