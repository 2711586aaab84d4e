internal import Glibc

/// Reads small files whole.
enum FileContents {
  struct Failure: Error {
    let reason: String

    init(reason: String) { self.reason = reason }

    init(errno code: Int32) {
      reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
  }

  /// More is no configuration: a device, or a mistake.
  static let largest = 1 << 20

  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure(errno: errno)
      }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= largest else { throw Failure(reason: "it is larger than \(largest) bytes") }
    }
  }
}
