internal import ArgumentParser
internal import Core

/// `linernotes key`: makes a key that lets a client read.
struct Key: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a key that lets a client read.",
    discussion: """
      Prints a new key, which is for the client and kept nowhere, and its hash, which is for READ_API_KEYS. The hash of a \
      key that there is already: printf %s KEY | sha256sum
      """)

  /// 32 letters and digits that nobody takes for each other.
  private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
  /// Five bits each.
  private static let length = 40

  func run() {
    var generator = SystemRandomNumberGenerator()
    let key = String((0..<Key.length).compactMap { _ in Key.alphabet.randomElement(using: &generator) })
    print("key:  \(key)\nhash: \(SHA256.hexadecimal(of: key.utf8))")
  }
}
