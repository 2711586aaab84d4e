internal import Core

/// The body of an answer: a list of fragments. It is sent as one gzip member, or inflated to text.
public struct Body: Sendable {
  public private(set) var fragments: [Fragment] = []

  public init() {}

  public init(_ fragments: [Fragment]) { self.fragments = fragments }

  public mutating func append(_ fragment: Fragment) { fragments.append(fragment) }

  public mutating func append(contentsOf other: some Sequence<Fragment>) { fragments.append(contentsOf: other) }

  /// Whether most of it is uncompressed, and not only what is too short to be worth compressing.
  public var isLoose: Bool {
    fragments.contains(where: \.isLoose)
      && fragments.reduce(0) { $0 + ($1.isStored ? $1.rawLength : 0) } * 2 > plainLength
  }

  /// The gzip form of one that ``isLoose``, compressed now: some 15 µs for an album of usual size.
  ///
  /// - Parameter scratch: where the text is put together; it is empty before and afterwards.
  /// - Returns: nil when a fragment does not inflate to what it claims.
  public func gzip(in scratch: OutputBuffer) -> [UInt8]? {
    defer { scratch.reset() }
    guard appendPlain(to: scratch) else { return nil }
    return scratch.compressor.compress(scratch.bytes)
  }

  /// Length of the text, in bytes.
  public var plainLength: Int { fragments.reduce(0) { $0 + $1.rawLength } }

  /// Length of the gzip form, in bytes.
  public var gzipLength: Int {
    fragments.reduce(Body.gzipHeader.count + Body.gzipTrailerLength) { $0 + $1.joinableLength }
  }

  /// A hash of the text. It also depends on where the text is cut into fragments.
  public var fingerprint: UInt64 { fragments.reduce(FNV.start) { FNV.combine($0, $1.hash) } }

  /// Appends the gzip form. Nothing is compressed or inflated: the fragments are copied, their CRCs combined.
  public func appendGzip(to output: OutputBuffer) {
    output.append(Body.gzipHeader)
    var crc: UInt32 = 0
    for fragment in fragments {
      fragment.withUnsafeJoinableBytes { output.append($0) }
      crc = CRC32.combine(crc, fragment.crc, shift: fragment.crcShift)
    }
    output.append(Deflate.terminator)
    output.append(littleEndian: crc)
    output.append(littleEndian: UInt32(truncatingIfNeeded: plainLength))
  }

  /// Appends the text.
  ///
  /// - Returns: false when a fragment does not inflate to what it claims; nothing has been appended then.
  public func appendPlain(to output: OutputBuffer) -> Bool {
    let start = output.count
    for fragment in fragments {
      let isInflated = output.append(count: fragment.rawLength) { output.inflater.inflate(fragment, into: $0) }
      guard isInflated else {
        output.truncate(to: start)
        return false
      }
    }
    return true
  }

  /// RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system.
  private static let gzipHeader: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
  private static let gzipTrailerLength = Deflate.terminator.count + 4 + 4
}
