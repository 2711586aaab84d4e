/// What CRCs are shifted by, remembered for short texts: to compute one takes half a microsecond, as long as finding a
/// document in a file.
public final class CRCShifts {
  private static let longest = 4_096
  private var known = [UInt32](repeating: 0, count: longest)

  public init() {}

  func shift(by length: Int) -> UInt32 {
    guard length < CRCShifts.longest else { return CRC32.shift(by: length) }
    // No shift is 0.
    if known[length] == 0 { known[length] = CRC32.shift(by: length) }
    return known[length]
  }
}
