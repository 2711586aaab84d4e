internal import CZlib

/// What is used of zlib.
enum Deflate {
  /// Level 6 makes bodies 12 % smaller than level 1 for a cost that is paid once per document and month.
  private static let level: Int32 = 6

  static func crc(of bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
      UInt32(truncatingIfNeeded: crc32_z(0, buffer.baseAddress, buffer.count))
    }
  }

  /// The CRC-32 of two texts, one behind the other, from theirs and the length of the second.
  static func combine(_ first: UInt32, _ second: UInt32, secondLength: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(uLong(first), uLong(second), secondLength))
  }

  /// Raw deflate that ends with a full flush and without a final block.
  static func compress(_ text: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return store(text) }
    defer { deflateEnd(&stream) }
    // deflateBound leaves no room for the flush: an empty stored block of 5 bytes, and bits to fill a byte.
    let capacity = Int(deflateBound(&stream, uLong(text.count))) + 16
    let compressed = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      text.withUnsafeBufferPointer { input in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = uInt(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(capacity)
        _ = deflate(&stream, Z_FULL_FLUSH)
      }
      // With output to spare the flush is complete; otherwise what is here is not usable.
      count = stream.avail_in == 0 && stream.avail_out > 0 ? Int(stream.total_out) : 0
    }
    return compressed.isEmpty ? store(text) : compressed
  }

  /// Stored blocks, closed as a full flush closes: no compression, 5 bytes per block.
  static func store(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count + 16)
    var rest = text[...]
    repeat {
      let block = rest.prefix(Int(UInt16.max))
      let length = UInt16(block.count)
      bytes.append(0)
      bytes.append(UInt8(truncatingIfNeeded: length))
      bytes.append(UInt8(truncatingIfNeeded: length >> 8))
      bytes.append(UInt8(truncatingIfNeeded: ~length))
      bytes.append(UInt8(truncatingIfNeeded: ~length >> 8))
      bytes.append(contentsOf: block)
      rest = rest.dropFirst(block.count)
    } while !rest.isEmpty
    return bytes
  }
}

/// One zlib stream for inflating, kept by a process and used again and again: opening one costs more than a small body.
final class Inflater {
  private var stream = z_stream()
  private let isOpen: Bool

  init() {
    isOpen =
      inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit {
    if isOpen { inflateEnd(&stream) }
  }

  /// Inflates one fragment into `output`, which is exactly as long as the text.
  ///
  /// - Returns: whether the bytes were what they claim to be.
  func inflate(_ compressed: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableRawBufferPointer) -> Bool {
    guard output.count > 0 else { return true }
    guard isOpen, inflateReset(&stream) == Z_OK else { return false }
    stream.next_in = UnsafeMutablePointer(mutating: compressed.baseAddress)
    stream.avail_in = uInt(compressed.count)
    stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = uInt(output.count)
    // Z_FINISH tells zlib that the output holds everything, which spares it its 32 KB window. A fragment has no final
    // block, so "buffer error" with all output filled is success.
    let status = CZlib.inflate(&stream, Z_FINISH)
    return (status == Z_OK || status == Z_BUF_ERROR || status == Z_STREAM_END) && stream.avail_out == 0
  }
}
