/// Follows the name-value pairs through the records that they may be split over, without keeping them.
struct ParameterScanner {
  private enum Position {
    case nameLength, valueLength
    /// How many bytes of name and value are still to come.
    case content(Int)
  }

  private var position = Position.nameLength
  private var name = 0
  /// The bytes of a four-byte length that have been seen.
  private var length = 0
  private var lengthBytesLeft = 0

  /// Whether a pair has just ended.
  var isAtBoundary: Bool {
    if case .nameLength = position { return lengthBytesLeft == 0 }
    return false
  }

  /// - Returns: false for a length that no request has.
  mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < bytes.count {
      if case .content(let left) = position {
        let step = min(left, bytes.count - index)
        index += step
        position = left == step ? .nameLength : .content(left - step)
        continue
      }
      let byte = Int(bytes[index])
      index += 1
      if lengthBytesLeft > 0 {
        length = length << 8 | byte
        lengthBytesLeft -= 1
      } else if byte & 0x80 != 0 {
        length = byte & 0x7f
        lengthBytesLeft = 3
      } else {
        length = byte
      }
      guard lengthBytesLeft == 0 else { continue }
      guard length <= RecordGuard.longestHead else { return false }
      if case .nameLength = position {
        name = length
        position = .valueLength
      } else {
        position = name + length == 0 ? .nameLength : .content(name + length)
      }
    }
    return true
  }
}
