import Core
import Foundation
import Glibc

/// Two connected unix sockets: the web server's side and ours.
final class SocketPair {
  /// The web server's.
  let client: Int32
  private var server: Int32

  init() {
    var descriptors: (Int32, Int32) = (-1, -1)
    let status = withUnsafeMutableBytes(of: &descriptors) {
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, $0.baseAddress?.assumingMemoryBound(to: Int32.self))
    }
    precondition(status == 0)
    (client, server) = descriptors
  }

  deinit {
    close(client)
    if server >= 0 { close(server) }
  }

  /// Our side, for whoever closes it.
  func takeServer() -> Int32 {
    defer { server = -1 }
    return server
  }

  func send(_ bytes: [UInt8]) { Sockets.send(bytes, to: client) }
  func endSending() { shutdown(client, Int32(SHUT_WR)) }
}

enum Sockets {
  static func send(_ bytes: [UInt8], to socket: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads an answer to its end, or to that of the connection.
  static func answer(from socket: Int32) -> (text: String, isEnded: Bool) {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while !Records.answer(bytes).isEnded, case let count = recv(socket, &piece, piece.count, 0), count > 0 {
      bytes += piece[..<count]
    }
    let (output, isEnded) = Records.answer(bytes)
    return (String(decoding: output, as: UTF8.self), isEnded)
  }

  /// Whether the other side has closed the connection. Waits for it.
  static func isClosed(_ socket: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(socket, &byte, 1, 0) <= 0
  }

  /// Listens on a new socket in the directory for temporary files.
  static func listen() -> (descriptor: Int32, path: String) {
    let path = NSTemporaryDirectory() + "linernotes-\(UUID().uuidString.prefix(13)).sock"
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let status = UnixSocketAddress(path: path)?.withPointer { bind(descriptor, $0, $1) }
    precondition(status == 0 && Glibc.listen(descriptor, 100) == 0)
    return (descriptor, path)
  }

  static func connect(to path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    SocketTimeout.set(on: descriptor, milliseconds: 30_000)
    let status = UnixSocketAddress(path: path)?.withPointer { Glibc.connect(descriptor, $0, $1) }
    precondition(status == 0)
    return descriptor
  }
}
