internal import Glibc

/// Sends a whole answer as FastCGI records with as few system calls as there can be: usually one.
///
/// libfcgi would copy the answer into 8 KB pieces and write each on its own.
final class RecordWriter {
  private static let headerLength = 8
  /// The longest content that is a multiple of 8, so that no record needs padding.
  private static let longestContent = 65_528
  private static let recordsPerWrite = 64
  private enum RecordType {
    static let endRequest: UInt8 = 3
    static let standardOutput: UInt8 = 6
  }

  private let headers = UnsafeMutableRawPointer.allocate(
    byteCount: (recordsPerWrite + 4) * headerLength, alignment: 8)
  private let parts = UnsafeMutablePointer<iovec>.allocate(capacity: 2 * recordsPerWrite + 8)
  private var headersUsed = 0
  private var partsUsed = 0

  deinit {
    headers.deallocate()
    parts.deallocate()
  }

  /// Sends head and body as standard output of the request, its end, and the end of the request.
  ///
  /// - Returns: false when the client has gone or does not take it in the time that the socket is set to.
  func send(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, request: Int32, to socket: Int32) -> Bool {
    headersUsed = 0
    partsUsed = 0
    append(head, request)
    var offset = 0
    while offset < body.count {
      let length = min(RecordWriter.longestContent, body.count - offset)
      append(UnsafeRawBufferPointer(rebasing: body[offset..<(offset + length)]), request)
      offset += length
      if headersUsed == RecordWriter.recordsPerWrite, !flush(to: socket) { return false }
    }
    appendHeader(RecordType.standardOutput, request, length: 0)
    appendHeader(RecordType.endRequest, request, length: RecordWriter.headerLength)
    // appStatus 0, FCGI_REQUEST_COMPLETE
    let end = headers + headersUsed * RecordWriter.headerLength
    end.initializeMemory(as: UInt8.self, repeating: 0, count: RecordWriter.headerLength)
    headersUsed += 1
    appendPart(end, RecordWriter.headerLength)
    return flush(to: socket)
  }

  private func append(_ content: UnsafeRawBufferPointer, _ request: Int32) {
    appendHeader(RecordType.standardOutput, request, length: content.count)
    appendPart(UnsafeMutableRawPointer(mutating: content.baseAddress), content.count)
  }

  private func appendHeader(_ type: UInt8, _ request: Int32, length: Int) {
    let header = headers + headersUsed * RecordWriter.headerLength
    let bytes: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (
      1, type, UInt8(truncatingIfNeeded: request >> 8), UInt8(truncatingIfNeeded: request),
      UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length), 0, 0
    )
    withUnsafeBytes(of: bytes) { header.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(header), byteCount: 8) }
    headersUsed += 1
    appendPart(header, RecordWriter.headerLength)
  }

  private func appendPart(_ base: UnsafeMutableRawPointer?, _ length: Int) {
    parts[partsUsed] = iovec(iov_base: base, iov_len: length)
    partsUsed += 1
  }

  private func flush(to socket: Int32) -> Bool {
    var done = 0
    while done < partsUsed {
      var written = writev(socket, parts + done, Int32(partsUsed - done))
      if written < 0 {
        if errno == EINTR { continue }
        return false
      }
      while done < partsUsed, written >= parts[done].iov_len {
        written -= parts[done].iov_len
        done += 1
      }
      if done < partsUsed {
        parts[done].iov_base += written
        parts[done].iov_len -= written
      }
    }
    headersUsed = 0
    partsUsed = 0
    return true
  }
}
