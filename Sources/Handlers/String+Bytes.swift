extension String {
  /// Whether it is this text of the code's own, which is plain ASCII.
  ///
  /// Strings are equal by their characters, and to bring some to the form in which they are compared takes time that
  /// grows with the square of their length: a path of 16 KB of combining marks took a tenth of a second each time. One
  /// of another length is told apart without that.
  func isExactly(_ text: String) -> Bool { utf8.count == text.utf8.count && self == text }
}

extension String {
  /// Whether what somebody has sent is the secret. How long that takes depends on what was sent alone: it tells neither
  /// how many bytes are right nor how many there are.
  func isSameSecret(as secret: String) -> Bool {
    let (sent, secret) = (Array(utf8), Array(secret.utf8))
    guard !secret.isEmpty else { return false }
    var difference = sent.count ^ secret.count
    for (index, byte) in sent.enumerated() { difference |= Int(byte ^ secret[index % secret.count]) }
    return difference == 0
  }
}
