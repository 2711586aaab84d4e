import Documents
import Foundation
import Glibc
import Testing

@testable import Gateway
@testable import Handlers

@Suite struct FastCGIConnectionTests {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordGuard.longestHead, alignment: 8)
  let pair = SocketPair()
  let writer = ResponseWriter()

  static let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

  /// As the server does: it looks when there is something.
  func arrival(on connection: FastCGIConnection) -> FastCGIConnection.Arrival {
    var poller = pollfd(fd: connection.socket, events: Int16(POLLIN), revents: 0)
    _ = poll(&poller, 1, 30_000)
    return connection.receive(into: memory)
  }

  func readAll(_ connection: FastCGIConnection, limit: Int = 1 << 20) -> [UInt8]? {
    var space = [UInt8](repeating: 0, count: limit)
    let count = space.withUnsafeMutableBytes(connection.read)
    return count < 0 ? nil : Array(space[..<count])
  }

  /// Sends from another thread, so many bytes at a time and with a pause between them.
  func drip(_ bytes: [UInt8], _ piece: Int, microseconds: UInt32 = 0) {
    let client = dup(pair.client)
    Thread.detachNewThread {
      for start in stride(from: 0, to: bytes.count, by: piece) {
        Sockets.send(Array(bytes[start..<min(start + piece, bytes.count)]), to: client)
        usleep(microseconds)
      }
      close(client)
    }
  }

  @Test func `a request that is there at once is taken in, answered and followed by the next`() throws {
    let connection = FastCGIConnection(socket: pair.takeServer())
    for uri in ["/one", "/two"] {
      pair.send(Records.head("GET", uri) + Records.endOfBody)
      try #require(arrival(on: connection) == .request)
      #expect(connection.parameter("REQUEST_URI") == uri)
      writer.write(.error(404, uri), to: Request(method: "GET", path: [], query: Query("")))
      #expect(connection.answer(writer, by: RecordWriter(), keep: true))
      let answer = Sockets.answer(from: pair.client)
      #expect(answer.isEnded && answer.text.contains(uri))
    }
  }

  @Test(arguments: [(0, 65_528), (0, 1), (5_000, 999), (100_000, 65_535), (300_000, 30_000)])
  func `a body is taken in whatever its length and that of its records`(length: Int, record: Int) throws {
    let body = Array(Self.body[..<length])
    let connection = FastCGIConnection(socket: pair.takeServer())
    for _ in 0..<2 {
      drip(Records.post("/", body, piece: record), 20_000)
      try #require(arrival(on: connection) == .request)
      #expect(connection.parameter("CONTENT_LENGTH") == "\(length)")
      #expect(readAll(connection).map { $0 == body } == true)
      writer.write(.error(400, "no"), to: Request(method: "POST", path: [], query: Query("")))
      #expect(connection.answer(writer, by: RecordWriter(), keep: true), "nothing of the body is left")
      #expect(Sockets.answer(from: pair.client).isEnded)
    }
  }

  @Test(arguments: [1, 7, 100])
  func `a request is taken in whatever pieces it comes in`(piece: Int) throws {
    let body = Array(Self.body[..<500])
    let connection = FastCGIConnection(socket: pair.takeServer())
    drip(Records.post("/x", body, piece: 77), piece)
    try #require(arrival(on: connection) == .request)
    #expect(connection.parameter("REQUEST_URI") == "/x")
    #expect(readAll(connection).map { $0 == body } == true)
  }

  @Test func `a body that nobody reads is not taken for the next request`() throws {
    let connection = FastCGIConnection(socket: pair.takeServer())
    drip(Records.post("/", Self.body), 50_000)
    try #require(arrival(on: connection) == .request)
    writer.write(.error(404, "no"), to: Request(method: "POST", path: [], query: Query("")))
    #expect(connection.answer(writer, by: RecordWriter(), keep: true))
    pair.send(Records.head("GET", "/next") + Records.endOfBody)
    try #require(arrival(on: connection) == .request)
    #expect(connection.parameter("REQUEST_URI") == "/next")
  }

  @Test(arguments: Records.attacks)
  func `what is no body ends the connection, when it comes with the head and when it comes later`(
    name: String, bytes: [UInt8]
  ) throws {
    pair.send(Records.head("GET", "/") + bytes + Records.endOfBody)
    #expect(arrival(on: FastCGIConnection(socket: pair.takeServer())) == .end, "\(name)")

    let other = SocketPair()
    let connection = FastCGIConnection(socket: other.takeServer())
    other.send(Records.head("POST", "/") + Records.record(5, [1, 2, 3]))
    try #require(arrival(on: connection) == .request)
    other.send(bytes + Records.endOfBody)
    #expect(readAll(connection) == nil, "\(name)")
    writer.write(.error(400, "no"), to: Request(method: "POST", path: [], query: Query("")))
    #expect(!connection.answer(writer, by: RecordWriter(), keep: true), "\(name)")
  }

  @Test func `a head that drips has one deadline for all of it`() throws {
    let connection = FastCGIConnection(socket: pair.takeServer(), patience: .init(head: 100))
    drip(Records.head("GET", "/") + Records.endOfBody, 1, microseconds: 20_000)
    #expect(arrival(on: connection) == .end)
  }

  @Test func `a body that drips has one deadline for all of it`() throws {
    let connection = FastCGIConnection(socket: pair.takeServer(), patience: .init(body: 100))
    pair.send(Records.head("POST", "/"))
    drip(Records.record(5, Array(Self.body[..<100])) + Records.endOfBody, 1, microseconds: 20_000)
    try #require(arrival(on: connection) == .request)
    #expect(readAll(connection) == nil)
  }

  @Test func `what is left of a body and never comes does not hold up the answer`() throws {
    let connection = FastCGIConnection(socket: pair.takeServer(), patience: .init(rest: 50))
    pair.send(Records.head("GET", "/"))
    try #require(arrival(on: connection) == .request)
    writer.write(.error(404, "here"), to: Request(method: "GET", path: [], query: Query("")))
    #expect(!connection.answer(writer, by: RecordWriter(), keep: true), "its end could be taken for another request")
    #expect(Sockets.answer(from: pair.client).text.contains("here"))
  }

  @Test(arguments: [0, 100])
  func `an answer that is not taken has one deadline for all of it`(bytesAtOnce: Int) throws {
    let connection = FastCGIConnection(socket: pair.takeServer(), patience: .init(answer: 200))
    pair.send(Records.head("GET", "/") + Records.endOfBody)
    try #require(arrival(on: connection) == .request)
    let client = dup(pair.client)
    let isOver = Flag()
    Thread.detachNewThread {
      var piece = [UInt8](repeating: 0, count: 40_000)
      while bytesAtOnce > 0, !isOver.isSet, recv(client, &piece, piece.count, 0) > 0 { usleep(30_000) }
      close(client)
    }
    writer.body.append([UInt8](repeating: 32, count: 6_000_000))
    #expect(!connection.answer(writer, by: RecordWriter(), keep: true))
    isOver.set()
  }

  @Test func `a long answer arrives whole`() throws {
    let connection = FastCGIConnection(socket: pair.takeServer())
    pair.send(Records.head("GET", "/") + Records.endOfBody)
    try #require(arrival(on: connection) == .request)
    let text = [UInt8](repeating: 97, count: 6_000_000)
    let client = dup(pair.client)
    let isRight = Flag()
    let isRead = Flag()
    Thread.detachNewThread {
      let answer = Sockets.answer(from: client)
      if answer.isEnded, Array(answer.text.utf8) == text { isRight.set() }
      isRead.set()
      close(client)
    }
    writer.body.append(text)
    #expect(connection.answer(writer, by: RecordWriter(), keep: true))
    isRead.wait()
    #expect(isRight.isSet)
  }
}
