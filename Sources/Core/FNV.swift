/// FNV-1a with 64 bits: for telling contents apart and spreading keys, the same on every machine and in every build.
public enum FNV {
  public static let start: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x0000_0100_0000_01b3

  public static func hash(_ bytes: some Sequence<UInt8>, from start: UInt64 = start) -> UInt64 {
    var hash = start
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* prime }
    return hash
  }

  /// Goes on with the eight bytes of another hash.
  public static func combine(_ hash: UInt64, _ other: UInt64) -> UInt64 {
    var hash = hash
    for shift in stride(from: 0, to: 64, by: 8) {
      hash = (hash ^ UInt64(UInt8(truncatingIfNeeded: other >> UInt64(shift)))) &* prime
    }
    return hash
  }
}
