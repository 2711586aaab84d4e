internal import Foundation

/// A server on the loopback interface that does with a connection whatever a test wants a provider to do.
public final class ReplayServer: @unchecked Sendable {
  public enum Behaviour: Sendable {
    /// A proper answer.
    case answer(status: Int = 200, headers: [String] = [], body: [UInt8])
    /// These bytes, and then the end of the connection.
    case raw([UInt8])
    /// These bytes, one every few milliseconds.
    case drip([UInt8], milliseconds: UInt32)
    /// The head of an answer, and then its body for ever.
    case endless
    /// Nothing, for ever.
    case hang
    /// The end of the connection, with a reset.
    case reset
    /// A proper answer after a while.
    case late(milliseconds: UInt32, body: [UInt8])
    /// A proper answer once the test says so.
    case held(Latch, body: [UInt8])
  }

  public let port: Int
  public var url: String { "http://127.0.0.1:\(port)" }
  private let listener: Int32
  private let lock = NSLock()
  private let behave: @Sendable (String) -> Behaviour
  private var seen: [String] = []
  private var accepted = 0
  private var isStopped = false

  /// - Parameter behave: what to do about a request for a path (with its query).
  public init(_ behave: @escaping @Sendable (String) -> Behaviour) {
    self.behave = behave
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutableBytes(of: &address) { bytes in
      guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
      return bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
        && getsockname(listener, pointer, &length) == 0
    }
    precondition(bound, "no loopback socket")
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in acceptAll() }
  }

  /// Ends the listening and every connection that still waits.
  public func stop() {
    lock.withLock { isStopped = true }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// The heads of the requests so far.
  public var requests: [String] { lock.withLock { seen } }
  public var connections: Int { lock.withLock { accepted } }

  private var goesOn: Bool { !lock.withLock { isStopped } }

  private func acceptAll() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else {
        close(listener)
        return
      }
      lock.withLock { accepted += 1 }
      Thread.detachNewThread { [self] in
        serve(connection)
        close(connection)
      }
    }
  }

  private func serve(_ connection: Int32) {
    var pending: [UInt8] = []
    while goesOn {
      while pending.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection, &bytes, bytes.count, 0)
        guard count > 0 else { return }
        pending += bytes[..<count]
      }
      guard let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
      let head = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
      pending.removeSubrange(..<end.upperBound)
      if let length = head.split(separator: "\r\n").first(where: { $0.lowercased().hasPrefix("content-length:") }),
        let count = Int(length.split(separator: ":")[1].trimmingCharacters(in: .whitespaces))
      {
        while pending.count < count {
          var bytes = [UInt8](repeating: 0, count: 4096)
          let received = recv(connection, &bytes, bytes.count, 0)
          guard received > 0 else { return }
          pending += bytes[..<received]
        }
        let body = String(decoding: pending[..<count], as: UTF8.self)
        pending.removeSubrange(..<count)
        lock.withLock { seen.append(head + "\r\n\r\n" + body) }
      } else {
        lock.withLock { seen.append(head) }
      }
      let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      guard act(behave(path), on: connection) else { return }
    }
  }

  /// - Returns: whether the connection goes on.
  private func act(_ behaviour: Behaviour, on connection: Int32) -> Bool {
    switch behaviour {
    case .answer(let status, let headers, let body):
      let lines = ["HTTP/1.1 \(status) Replayed", "Content-Length: \(body.count)"] + headers
      return write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body, to: connection)
    case .late(let milliseconds, let body):
      usleep(milliseconds * 1_000)
      return act(.answer(body: body), on: connection)
    case .held(let latch, let body):
      latch.wait()
      return act(.answer(body: body), on: connection)
    case .raw(let bytes):
      _ = write(bytes, to: connection)
      return false
    case .drip(let bytes, let milliseconds):
      for byte in bytes {
        guard goesOn, write([byte], to: connection) else { return false }
        usleep(milliseconds * 1_000)
      }
      return false
    case .endless:
      guard write(Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".utf8), to: connection) else {
        return false
      }
      let chunk = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 16)
      while goesOn, write(chunk, to: connection) {}
      return false
    case .hang:
      var byte: UInt8 = 0
      // Until the other side goes away.
      while goesOn, recv(connection, &byte, 1, 0) > 0 {}
      return false
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
      return false
    }
  }

  private func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// What keeps threads waiting until it is opened.
public final class Latch: Sendable {
  private let condition = NSCondition()
  nonisolated(unsafe) private var isOpen = false  // Guarded by the condition.

  public init() {}

  public func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  func wait() {
    condition.withLock { while !isOpen { condition.wait() } }
  }
}

extension ReplayServer.Behaviour: CustomStringConvertible {
  /// Without the bytes, of which there may be millions.
  public var description: String {
    switch self {
    case .answer(let status, _, let body): "answer \(status) of \(body.count) bytes"
    case .raw(let bytes): "\(bytes.count) raw bytes"
    case .drip(let bytes, let milliseconds): "\(bytes.count) bytes, one in \(milliseconds) ms"
    case .endless: "endless"
    case .hang: "hang"
    case .reset: "reset"
    case .late(let milliseconds, let body): "answer of \(body.count) bytes after \(milliseconds) ms"
    case .held(_, let body): "held answer of \(body.count) bytes"
    }
  }
}
