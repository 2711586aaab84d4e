internal import Core
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
  /// - Parameter milliseconds: how long the client may take to accept all of it.
  /// - Returns: false when the client has gone or has taken too long.
  func send(
    _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, request: Int32, to socket: Int32,
    milliseconds: Int
  ) -> Bool {
    headersUsed = 0
    partsUsed = 0
    let deadline = Deadline.after(milliseconds: milliseconds)
    append(head, request)
    var offset = 0
    while offset < body.count {
      let length = min(RecordWriter.longestContent, body.count - offset)
      append(UnsafeRawBufferPointer(rebasing: body[offset..<(offset + length)]), request)
      offset += length
      if headersUsed == RecordWriter.recordsPerWrite, !flush(to: socket, by: deadline) { return false }
    }
    appendHeader(RecordType.standardOutput, request, length: 0)
    appendHeader(RecordType.endRequest, request, length: RecordWriter.headerLength)
    // appStatus 0, FCGI_REQUEST_COMPLETE
    let end = headers + headersUsed * RecordWriter.headerLength
    end.initializeMemory(as: UInt8.self, repeating: 0, count: RecordWriter.headerLength)
    headersUsed += 1
    appendPart(end, RecordWriter.headerLength)
    return flush(to: socket, by: deadline)
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

  private func flush(to socket: Int32, by deadline: Deadline) -> Bool {
    var done = 0
    while done < partsUsed {
      var message = msghdr()
      message.msg_iov = parts + done
      message.msg_iovlen = partsUsed - done
      // A call that waits would do so anew for each piece that fits: only what is sure not to wait has one deadline.
      var written = sendmsg(socket, &message, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      if written < 0 {
        if errno == EINTR { continue }
        guard errno == EAGAIN, RecordWriter.wait(for: socket, until: deadline) else { return false }
        continue
      }
      while done < partsUsed, written >= parts[done].iov_len {
        written -= parts[done].iov_len
        done += 1
      }
      if done < partsUsed {
        parts[done].iov_base += written
        parts[done].iov_len -= written
        // There is no room left: to try again would be a call for nothing.
        guard RecordWriter.wait(for: socket, until: deadline) else { return false }
      }
    }
    headersUsed = 0
    partsUsed = 0
    return true
  }

  /// Waits until the socket takes more. A client that goes on taking a little is not waited for any longer.
  private static func wait(for socket: Int32, until deadline: Deadline) -> Bool {
    while true {
      var poller = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
      let ready = poll(&poller, 1, Int32(clamping: deadline.millisecondsLeft))
      if ready < 0, errno == EINTR { continue }
      return ready > 0 && !deadline.hasPassed
    }
  }
}
