/// Divides what a FastCGI client sends into the head of a request and its body, and admits nothing else.
///
/// libfcgi trusts its client: a length of 2 GB aborts the process, management records with many names overrun a
/// buffer, half a record hangs it. So it only ever reads a head that this has admitted, and never a body. Pure: bytes in
/// pieces of any size, and what they are.
struct RecordGuard {
  enum Step: Equatable {
    /// Parameters, or what is around content.
    case framing
    /// The body.
    case content
    /// `FCGI_BEGIN_REQUEST` and all of `FCGI_PARAMS` have been seen: what comes next is the body.
    case endOfHead
    case endOfBody
    /// No request that a web server makes of a responder that serves one at a time, or one that it has given up.
    case malformed
  }

  private enum Phase: UInt8 {
    case beginning, parameters, body, over
  }

  /// As much as parameters and their records may take: twice what the shipped nginx lets through as headers.
  static let longestHead = 128 << 10

  private static let headerLength = 8
  private static let version: UInt8 = 1
  private enum RecordType {
    static let beginRequest: UInt8 = 1
    static let parameters: UInt8 = 4
    static let standardInput: UInt8 = 5
  }
  private static let responderRole: UInt64 = 1

  private var phase = Phase.beginning
  /// What has been seen of a record's header, or of the content of `FCGI_BEGIN_REQUEST`: both are eight bytes.
  private var word: UInt64 = 0
  private var wordLength = 0
  private var contentLeft = 0
  private var paddingLeft = 0
  /// Whether the current record ends its stream.
  private var isLast = false
  private var request: UInt64 = 0
  private var headLength = 0
  private var parameters = ParameterScanner()

  /// Looks at the next bytes, of which there must be some.
  ///
  /// - Parameter longestContent: how much of a body is wanted at once, at least one byte.
  /// - Returns: how many of them belong together, at least one, and what they are.
  mutating func next(_ bytes: UnsafeRawBufferPointer, longestContent: Int = .max) -> (length: Int, step: Step) {
    if contentLeft > 0 { return content(bytes, longestContent) }
    let length: Int
    if paddingLeft > 0 {
      length = min(paddingLeft, bytes.count)
      paddingLeft -= length
    } else {
      length = collect(bytes)
      guard wordLength == RecordGuard.headerLength else { return (length, count(length, .framing)) }
      wordLength = 0
      guard beginRecord() else { return (length, .malformed) }
    }
    return (length, count(length, contentLeft + paddingLeft == 0 ? endRecord() : .framing))
  }

  private mutating func content(_ bytes: UnsafeRawBufferPointer, _ longest: Int) -> (Int, Step) {
    var length = min(contentLeft, bytes.count)
    switch phase {
    case .beginning:
      length = collect(bytes)
      if wordLength == RecordGuard.headerLength {
        wordLength = 0
        guard word >> 48 == RecordGuard.responderRole else { return (length, .malformed) }
      }
    case .parameters:
      guard parameters.scan(UnsafeRawBufferPointer(rebasing: bytes[..<length])) else { return (length, .malformed) }
    case .body, .over:
      // A body's record ends with content or padding, never its stream: that takes a record without content.
      length = min(length, longest)
      contentLeft -= length
      return (length, .content)
    }
    contentLeft -= length
    return (length, count(length, contentLeft + paddingLeft == 0 ? endRecord() : .framing))
  }

  /// Takes bytes until there are eight.
  private mutating func collect(_ bytes: UnsafeRawBufferPointer) -> Int {
    let length = min(RecordGuard.headerLength - wordLength, bytes.count)
    for index in 0..<length { word = word << 8 | UInt64(bytes[index]) }
    wordLength += length
    return length
  }

  /// Whether the header that is in ``word`` is one that may come now.
  private mutating func beginRecord() -> Bool {
    let type = UInt8(truncatingIfNeeded: word >> 48)
    let id = word >> 32 & 0xffff
    guard UInt8(truncatingIfNeeded: word >> 56) == RecordGuard.version else { return false }
    contentLeft = Int(word >> 16 & 0xffff)
    paddingLeft = Int(word >> 8 & 0xff)
    isLast = contentLeft == 0
    switch phase {
    case .beginning:
      request = id
      return type == RecordType.beginRequest && id != 0 && contentLeft == RecordGuard.headerLength
    case .parameters:
      return type == RecordType.parameters && id == request && (!isLast || parameters.isAtBoundary)
    case .body:
      return type == RecordType.standardInput && id == request
    case .over:
      return false
    }
  }

  private mutating func endRecord() -> Step {
    switch phase {
    case .beginning:
      phase = .parameters
    case .parameters where isLast:
      phase = .body
      return .endOfHead
    case .body where isLast:
      phase = .over
      return .endOfBody
    case .parameters, .body, .over: break
    }
    return .framing
  }

  /// Refuses a head that is too long.
  private mutating func count(_ length: Int, _ step: Step) -> Step {
    guard phase.rawValue <= Phase.parameters.rawValue else { return step }
    headLength += length
    return headLength >= RecordGuard.longestHead ? .malformed : step
  }
}
