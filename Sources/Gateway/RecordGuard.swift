/// Looks over what a FastCGI client has sent before libfcgi reads it.
///
/// libfcgi trusts its client: a length of 2 GB aborts the process, management records with many names overrun a
/// buffer, half a record hangs it. So the bytes are peeked at first, and only a well-formed request with all of its
/// parameters is let through. Pure: bytes in, verdict out.
enum RecordGuard {
  enum Verdict: Equatable {
    /// `FCGI_BEGIN_REQUEST` and all of `FCGI_PARAMS` are there.
    case complete
    /// So far so good, but there must come more.
    case incomplete
    case malformed
  }

  /// As much as parameters and their records may take: twice what the shipped nginx lets through as headers.
  static let longestRequest = 128 << 10

  private static let headerLength = 8
  private static let version: UInt8 = 1
  private enum RecordType {
    static let beginRequest: UInt8 = 1
    static let parameters: UInt8 = 4
  }
  private static let responderRole = 1

  static func verdict(on bytes: UnsafeRawBufferPointer) -> Verdict {
    var offset = 0
    var request: Int?
    var parameters = ParameterScanner()
    while true {
      guard bytes.count - offset >= headerLength else { return incomplete(bytes) }
      let record = offset
      guard bytes[record] == version else { return .malformed }
      let type = bytes[record + 1]
      let id = Int(bytes[record + 2]) << 8 | Int(bytes[record + 3])
      let length = Int(bytes[record + 4]) << 8 | Int(bytes[record + 5])
      let padding = Int(bytes[record + 6])
      let content = record + headerLength

      guard let begun = request else {
        guard type == RecordType.beginRequest, id != 0, length == 8 else { return .malformed }
        guard bytes.count - content >= length + padding else { return incomplete(bytes) }
        guard Int(bytes[content]) << 8 | Int(bytes[content + 1]) == responderRole else { return .malformed }
        request = id
        offset = content + length + padding
        continue
      }
      guard type == RecordType.parameters, id == begun else { return .malformed }
      if length == 0 {
        guard parameters.isAtBoundary else { return .malformed }
        return bytes.count - content >= padding ? .complete : incomplete(bytes)
      }
      let available = min(length, bytes.count - content)
      guard parameters.scan(UnsafeRawBufferPointer(rebasing: bytes[content..<(content + available)])) else {
        return .malformed
      }
      guard available == length, bytes.count - content >= length + padding else { return incomplete(bytes) }
      offset = content + length + padding
    }
  }

  private static func incomplete(_ bytes: UnsafeRawBufferPointer) -> Verdict {
    bytes.count >= longestRequest ? .malformed : .incomplete
  }
}

/// Follows the name-value pairs through the records that they may be split over, without keeping them.
private struct ParameterScanner {
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
      guard length <= RecordGuard.longestRequest else { return false }
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
