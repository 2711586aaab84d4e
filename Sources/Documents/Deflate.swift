internal import CDeflate
internal import CZlib

/// Text as raw deflate in the form that fragments have: a complete stream, whose last block is empty and begins on a
/// byte boundary. Without that block (``terminator``) another stream can follow.
enum Deflate {
  /// The empty final block.
  static let terminator: [UInt8] = [0x03, 0x00]

  /// libdeflate's level for how much a text is worth. The fastest is as small as zlib's level 6, see
  /// `docs/decisions/0009-libdeflate.md`; 8 makes albums a 25th smaller in twice the time, and more than that is not to be
  /// had for ten times as much.
  private static func level(_ effort: Fragment.Effort) -> Int32 { effort == .thorough ? 8 : 1 }

  /// Shorter texts are stored uncompressed. Compression would save some 50 bytes, but each stream carries its own
  /// Huffman table, and decoding it costs about 2 µs per fragment of an answer without gzip.
  static let shortest = 256

  /// libdeflate's streams end anywhere within a byte, with a block that is marked as the last. The mark is cleared, and
  /// an empty stored block moves what follows to a byte boundary.
  static func compress(_ text: [UInt8], _ effort: Fragment.Effort) -> [UInt8] {
    guard text.count >= shortest, let compressor = Compressor(level: level(effort)) else { return store(text) }
    var stream = compressor.compress(text, room: 5 + terminator.count)
    guard let last = lastBlock(of: stream) else { return store(text) }
    stream[last.start >> 3] &= ~(1 << UInt8(last.start & 7))
    // The header of a stored block is three bits, here zeros. Those that fit are there already.
    if last.unusedBits < 3 { stream.append(0) }
    stream.append(contentsOf: [0x00, 0x00, 0xff, 0xff])
    stream.append(contentsOf: terminator)
    return stream
  }

  /// Stored blocks: no compression, 5 bytes per block.
  static func store(_ text: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = []
    stream.reserveCapacity(text.count + 16)
    var rest = text[...]
    repeat {
      let block = rest.prefix(Int(UInt16.max))
      let length = UInt16(block.count)
      stream.append(0)
      stream.append(UInt8(truncatingIfNeeded: length))
      stream.append(UInt8(truncatingIfNeeded: length >> 8))
      stream.append(UInt8(truncatingIfNeeded: ~length))
      stream.append(UInt8(truncatingIfNeeded: ~length >> 8))
      stream.append(contentsOf: block)
      rest = rest.dropFirst(block.count)
    } while !rest.isEmpty
    stream.append(contentsOf: terminator)
    return stream
  }

  /// Whether a stored stream may be what its document claims: it ends as all do, and no deflate makes more than 1,032
  /// bytes of one. So garbage claims neither two bytes that are not there, nor gigabytes of memory.
  static func isPlausible(_ stream: ArraySlice<UInt8>, textLength: Int) -> Bool {
    stream.suffix(terminator.count).elementsEqual(terminator) && textLength <= stream.count * 1032
  }

  /// The bit at which a stream's last block begins, and how many bits of the last byte are behind its end; nil for
  /// what is not one whole stream. libdeflate does not tell; zlib's inflating stops between blocks.
  private static func lastBlock(of stream: [UInt8]) -> (start: Int, unusedBits: Int)? {
    var state = z_stream()
    guard inflateInit2_(&state, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&state) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32 << 10) { scratch in
      stream.withUnsafeBufferPointer { input in
        state.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        state.avail_in = uInt(input.count)
        var start = 0
        while true {
          state.next_out = scratch.baseAddress
          state.avail_out = uInt(scratch.count)
          guard inflate(&state, Z_BLOCK) == Z_OK else { return nil }
          let isBetweenBlocks = state.data_type & 128 != 0
          let wasLast = state.data_type & 64 != 0
          let unusedBits = Int(state.data_type & 7)
          if isBetweenBlocks {
            if wasLast { return state.avail_in == 0 ? (start, unusedBits) : nil }
            start = Int(state.total_in) * 8 - unusedBits
          }
        }
      }
    }
  }
}

/// libdeflate's compressor. It takes 200 KB, so that one for documents is freed after each text: a process computes
/// rarely, and needs that memory for other things as well.
private struct Compressor: ~Copyable {
  private let handle: OpaquePointer

  init?(level: Int32) {
    guard let handle = libdeflate_alloc_compressor(level) else { return nil }
    self.handle = handle
  }

  deinit { libdeflate_free_compressor(handle) }

  /// One raw-deflate stream, with room for so many bytes behind it.
  func compress(_ text: [UInt8], room: Int) -> [UInt8] {
    let capacity = libdeflate_deflate_compress_bound(handle, text.count)
    return [UInt8](unsafeUninitializedCapacity: capacity + room) { output, count in
      count = text.withUnsafeBytes {
        libdeflate_deflate_compress(handle, $0.baseAddress, $0.count, output.baseAddress, capacity)
      }
    }
  }
}

/// Compresses whole answers. A process that has to keeps one.
final class GzipCompressor {
  private let handle = libdeflate_alloc_compressor(1)

  deinit { libdeflate_free_compressor(handle) }

  /// - Returns: a gzip member; nil without memory.
  func compress(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    guard let handle else { return nil }
    let capacity = libdeflate_gzip_compress_bound(handle, text.count)
    let member = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      count = libdeflate_gzip_compress(handle, text.baseAddress, text.count, output.baseAddress, capacity)
    }
    return member.isEmpty ? nil : member
  }
}

/// libdeflate's decompressor. A process keeps one and reuses it.
final class Inflater {
  private let handle = libdeflate_alloc_decompressor()

  deinit { libdeflate_free_decompressor(handle) }

  /// Inflates a fragment into `output`, which is exactly as long as the text.
  ///
  /// - Returns: whether the text is the one that was compressed; if not, anything may be in `output`.
  func inflate(_ fragment: Fragment, into output: UnsafeMutableRawBufferPointer) -> Bool {
    guard let handle else { return false }
    let result = fragment.compressed.withUnsafeBytes {
      libdeflate_deflate_decompress(handle, $0.baseAddress, $0.count, output.baseAddress, output.count, nil)
    }
    return result == LIBDEFLATE_SUCCESS && CRC32.of(UnsafeRawBufferPointer(output)) == fragment.crc
  }
}
