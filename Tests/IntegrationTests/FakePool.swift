import Core
import Foundation
import Testing

/// A FastCGI server that answers every request with what a test wants to see nginx do with.
final class FakePool: Sendable {
  typealias Reply = @Sendable (_ parameters: [String: String]) -> String

  let path = FileManager.default.temporaryDirectory.appending(path: "linernotes-pool-\(UUID().uuidString)").path
  private let listener: Int32

  /// - Parameter reply: the answer as CGI has it, head and body.
  init(_ reply: @escaping Reply) throws {
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let listener = listener
    let bound = UnixSocketAddress(path: path)?.withPointer { bind(listener, $0, $1) }
    try #require(bound == 0 && chmod(path, 0o666) == 0 && listen(listener, 1_024) == 0)
    Thread.detachNewThread {
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        FakePool.serve(connection, reply)
        close(connection)
      }
    }
  }

  deinit { stop() }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    unlink(path)
  }

  /// One that answers with the parameters of the request, as a JSON object.
  static func echo(headers: String = "") throws -> FakePool {
    try FakePool { parameters in
      let json = (try? JSONSerialization.data(withJSONObject: parameters)).map { String(decoding: $0, as: UTF8.self) }
      return FakePool.json("200 OK", json ?? "{}", headers: headers)
    }
  }

  static func json(_ status: String, _ body: String = #"{"error":"of the pool"}"#, headers: String = "") -> String {
    "Status: \(status)\r\nContent-Type: application/json\r\n\(headers)\r\n\(body)"
  }

  private static func serve(_ connection: Int32, _ reply: Reply) {
    SocketTimeout.set(on: connection, milliseconds: 10_000)
    var parameters: [UInt8] = []
    while let header = read(connection, 8) {
      let length = Int(header[4]) << 8 | Int(header[5])
      guard let content = read(connection, length), read(connection, Int(header[6])) != nil else { return }
      if header[1] == 4 { parameters += content }
      if header[1] == 5, length == 0 { break }
    }
    let answer = Array(reply(pairs(parameters)).utf8)
    var records: [UInt8] = [1, 6, 0, 1, UInt8(answer.count >> 8), UInt8(answer.count & 0xff), 0, 0] + answer
    records += [1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    _ = send(connection, records, records.count, Int32(MSG_NOSIGNAL))
  }

  private static func read(_ connection: Int32, _ count: Int) -> [UInt8]? {
    if count == 0 { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    return recv(connection, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
  }

  private static func pairs(_ bytes: [UInt8]) -> [String: String] {
    var rest = bytes[...]
    func length() -> Int {
      guard let first = rest.popFirst() else { return 0 }
      guard first > 0x7f else { return Int(first) }
      return (0..<3).reduce(Int(first & 0x7f)) { length, _ in length << 8 | Int(rest.popFirst() ?? 0) }
    }
    var pairs: [String: String] = [:]
    while !rest.isEmpty {
      let (name, value) = (length(), length())
      pairs[String(decoding: rest.prefix(name), as: UTF8.self)] =
        String(decoding: rest.dropFirst(name).prefix(value), as: UTF8.self)
      rest = rest.dropFirst(name + value)
    }
    return pairs
  }
}
