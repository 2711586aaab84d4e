import Core
import Foundation
import Glibc
import Synchronization

/// A server's socket directory in front of the real one, through which its failures are staged: it can go away with
/// all its connections, come back, and hang.
final class Proxy: Sendable {
  let directory: String
  private let port: Int
  private let target: String
  private let state = Mutex(State())

  private struct State {
    var listener: Int32 = -1
    var sockets: [Int32] = []
    var isHanging = false
    var accepted = 0
    var bytesLeft: Int?
  }

  init(to directory: String, port: Int) throws {
    self.directory = NSTemporaryDirectory() + "linernotes-proxy-" + UUID().uuidString.prefix(8)
    self.port = port
    target = "\(directory)/.s.PGSQL.\(port)"
    try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
    try start()
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// How many connections were made so far.
  var accepted: Int { state.withLock { $0.accepted } }

  func start() throws {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard UnixSocketAddress(path: "\(directory)/.s.PGSQL.\(port)")?.withPointer({ bind(listener, $0, $1) }) == 0,
      listen(listener, 16) == 0
    else { throw POSIXError(.EADDRINUSE) }
    state.withLock { $0.listener = listener }
    Thread.detachNewThread { [weak self, target] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard UnixSocketAddress(path: target)?.withPointer({ connect(server, $0, $1) }) == 0, let self else {
          close(client)
          close(server)
          continue
        }
        self.state.withLock {
          $0.accepted += 1
          $0.sockets += [client, server]
        }
        for (from, to) in [(client, server), (server, client)] {
          Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
              let count = read(from, &buffer, buffer.count)
              guard count > 0 else { break }
              while self?.state.withLock({ $0.isHanging }) == true { usleep(1_000) }
              let admitted = from == server ? self?.admit(count) ?? 0 : count
              guard send(to, buffer, admitted, Int32(MSG_NOSIGNAL)) == count else { break }
            }
            shutdown(to, Int32(SHUT_RDWR))
          }
        }
      }
    }
  }

  /// Ends one connection as soon as the server has sent so many bytes more.
  func cut(after bytes: Int) { state.withLock { $0.bytesLeft = bytes } }

  private func admit(_ count: Int) -> Int {
    state.withLock { state in
      guard let left = state.bytesLeft else { return count }
      state.bytesLeft = count < left ? left - count : nil
      return min(count, left)
    }
  }

  /// Ends all connections; new ones are refused until ``start()``.
  func stop() {
    state.withLock {
      if $0.listener >= 0 { shutdown($0.listener, Int32(SHUT_RDWR)) }
      for socket in $0.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
      $0.listener = -1
      $0.sockets = []
      $0.isHanging = false
    }
    unlink("\(directory)/.s.PGSQL.\(port)")
  }

  /// From now on nothing that is sent arrives, but nothing is refused either.
  func hang() { state.withLock { $0.isHanging = true } }
}
