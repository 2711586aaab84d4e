/// What a client has sent behind the head of its request. It is read once, when a handler asks for it.
public struct RequestBody {
  /// What the web server says its length is; nil when it does not say.
  public let declaredLength: Int?
  private let source: ((UnsafeMutableRawBufferPointer) -> Int)?

  /// As long as anything that a client has to say here can be.
  public static let longest = 1 << 20

  public static var none: RequestBody { RequestBody(declaredLength: 0, source: nil) }

  /// - Parameter source: fills the space that it is given and says with how many bytes; fewer than that end the body,
  ///   a negative number is an error.
  public init(declaredLength: Int?, source: ((UnsafeMutableRawBufferPointer) -> Int)?) {
    self.declaredLength = declaredLength
    self.source = source
  }

  /// - Parameter contentLength: `CONTENT_LENGTH`: digits, or nothing when the web server does not say.
  /// - Returns: nil for anything else, and for a number that overflows.
  public init?(contentLength: String?, source: ((UnsafeMutableRawBufferPointer) -> Int)?) {
    guard let contentLength, !contentLength.isEmpty else {
      self.init(declaredLength: nil, source: source)
      return
    }
    // `Int` would take a sign as well.
    guard contentLength.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
      let length = Int(contentLength)
    else { return nil }
    self.init(declaredLength: length, source: source)
  }

  /// All of it, up to `limit` bytes.
  func bytes(limit: Int = RequestBody.longest) throws(Failure) -> [UInt8] {
    if let declaredLength {
      if declaredLength < 0 { throw .badParameter("Not a request") }
      if declaredLength > limit { throw .bodyTooLong }
    }
    guard let source else { return [] }
    // One more than is allowed: a client that says nothing about the length may still send too much.
    let space = min(declaredLength ?? limit, limit) + 1
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: space) { memory, count in
      let read = source(UnsafeMutableRawBufferPointer(memory))
      failed = read < 0 || read > space
      count = failed ? 0 : read
    }
    if bytes.count > limit { throw .bodyTooLong }
    // Cut short: acting on the half of a list would be worse than asking again. Nor is it known what more than was
    // announced means.
    if let declaredLength, bytes.count != declaredLength { failed = true }
    if failed { throw .badParameter("Not a request") }
    return bytes
  }
}
