/// Why something is to be built; the better reason has the smaller number. The numbers are stored.
public enum BuildReason: Int, CaseIterable, Sendable {
  /// A person asked for it.
  case asked = 0
  /// Something that was asked for refers to it.
  case found = 1
  /// It is due.
  case scheduled = 2
}
