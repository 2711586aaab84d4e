import Core
import Foundation
import Testing

@testable import Cache
@testable import Memcached

/// A server that answers each question on a connection with the next of some texts, piece by piece, and then hangs or
/// closes.
final class ScriptedServer: Sendable {
  let path = NSTemporaryDirectory() + "reader-\(UInt32.random(in: .min ... .max))"
  private let listener: Int32

  /// - Parameter connections: for each connection, the answers to its questions, each in the pieces that it comes in.
  init(_ connections: [[[String]]], closing: Bool = true) throws {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    let address = try #require(UnixSocketAddress(path: path))
    try #require(address.withPointer { bind(listener, $0, $1) } == 0)
    try #require(listen(listener, 8) == 0)
    Thread.detachNewThread {
      var open: [Int32] = []
      for answers in connections {
        let connection = accept(listener, nil, nil)
        for pieces in answers {
          var space = [UInt8](repeating: 0, count: 1 << 16)
          guard recv(connection, &space, space.count, 0) > 0 else { break }
          for piece in pieces {
            _ = Array(piece.utf8).withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if pieces.count > 1 { usleep(2_000) }
          }
        }
        if closing { close(connection) } else { open.append(connection) }
      }
    }
  }

  /// To this server, with patience for a machine that is busy.
  func connection() -> MemcachedConnection {
    MemcachedConnection(
      .socket(path: path), patience: .init(toConnect: 10_000, inSilence: 10_000, forAnswer: 10_000))
  }

  deinit {
    close(listener)
    unlink(path)
  }
}

@Suite struct MemcachedConnectionTests {
  func texts(_ values: [[UInt8]?]?) -> [String?]? { values?.map { $0.map { String(decoding: $0, as: UTF8.self) } } }

  func read(_ pieces: [String], _ keys: [String]) throws -> [String?]? {
    let server = try ScriptedServer([[pieces]])
    return texts(server.connection().get(keys))
  }

  static let answers: [(String, [String?])] = [
    ("END\r\n", [nil, nil]),
    ("VALUE a 0 1\r\n1\r\nEND\r\n", ["1", nil]),
    ("VALUE bb 7 2\r\n\r\n\r\nEND\r\n", [nil, "\r\n"]),
    ("VALUE a 0 0\r\n\r\nVALUE bb 0 5\r\nEND\r\n\r\nEND\r\n", ["", "END\r\n"]),
    // A proxy may collect them in any order.
    ("VALUE bb 0 1\r\n2\r\nVALUE a 0 1\r\n1\r\nEND\r\n", ["1", "2"]),
  ]

  @Test(arguments: answers)
  func `values are found by their key`(answer: String, values: [String?]) throws {
    #expect(try read([answer], ["a", "bb"]) == values)
  }

  @Test(arguments: answers)
  func `an answer may come byte by byte`(answer: String, values: [String?]) throws {
    #expect(try read(answer.utf8.map { String(UnicodeScalar($0)) }, ["a", "bb"]) == values)
  }

  @Test(arguments: [1, 30_000, 32_768, 33_000, 100_000, 900_000])
  func `a value may be longer than what is received at once`(length: Int) throws {
    let value = String(repeating: "x", count: length)
    let values = try read(["VALUE a 0 \(length)\r\n\(value)\r\nVALUE bb 0 1\r\ny\r\nEND\r\n"], ["a", "bb"])
    #expect(values == [value, "y"])
  }

  @Test(arguments: [
    "", "END", "\n", "ERROR\r\n", "SERVER_ERROR out of memory\r\n", "VALUE a 0 1\r\n1\r\n",
    "VALUE a 0 1\r\n12\r\nEND\r\n",
    "VALUE a 0 2\r\n1\r\nEND\r\n", "VALUE c 0 1\r\n1\r\nEND\r\n", "VALUE a 0 -1\r\n\r\nEND\r\n",
    "VALUE a 0 \r\n\r\nEND\r\n",
    "VALUE a 0 99999999999999999999\r\n", "VALUE a 0 999999999\r\n", "VALUE a 0 1 x\r\n1\r\nEND\r\n",
    "VALUE a 0 1 99999999999999999999\r\n1\r\nEND\r\n",
    "VALUE\r\n",
    "VALUE a\r\n",
    "VALUE a 0\r\n", "VALUE  0 1\r\n1\r\nEND\r\n", String(repeating: "x", count: 70_000),
  ])
  func `what is not an answer is none`(answer: String) throws {
    #expect(try read([answer], ["a", "bb"]) == nil)
  }

  static let outcomes: [(String, [MemcachedConnection.Outcome]?)] = [
    ("STORED\r\nSTORED\r\n", [.stored, .stored]),
    ("NOT_STORED\r\nSTORED\r\n", [.exists, .stored]),
    ("EXISTS\r\nNOT_FOUND\r\n", [.exists, .missing]),
    ("STORED\r\nSERVER_ERROR object too large for cache\r\n", [.stored, .noRoom]),
    ("END\r\n", nil),
    ("STORED\r\n", nil), ("STORED\r\nERROR\r\n", nil), ("CLIENT_ERROR bad data chunk\r\nERROR\r\n", nil),
    ("STORED\nSTORED\n", nil), ("", nil),
  ]

  @Test(arguments: outcomes)
  func `each value that is stored has a line of its own`(answer: String, outcomes: [MemcachedConnection.Outcome]?)
    throws
  {
    let server = try ScriptedServer([[[answer]]])
    let items = ["a", "b"].map { (CacheItem($0, [1, 2, 3], lifetime: 10), MemcachedConnection.Condition.always) }
    #expect(server.connection().store(items) == outcomes)
  }

  @Test func `nothing is asked and nothing is told without a word`() {
    let connection = MemcachedConnection(.socket(path: "/nowhere/memcached"))
    #expect(connection.get([]) == [])
    #expect(connection.store([]) == [])
  }

  @Test func `a value has a number where it is asked for`() throws {
    let server = try ScriptedServer([[["VALUE a 0 1 18446744073709551615\r\n1\r\nEND\r\n"]]])
    #expect(
      server.connection().read(["a", "bb"]) == [
        VersionedValue(value: [UInt8(ascii: "1")], version: .number(.max)),
        VersionedValue(value: nil, version: .missing),
      ])
  }

  @Test(arguments: ["END\r\n", "\r\n", "-1\r\n", "99999999999999999999999\r\n", "STORED\r\n"])
  func `an answer that belongs to another question fails, and nothing else`(answer: String) throws {
    let server = try ScriptedServer([[[answer]], [[answer]], [[answer]]])
    let connection = server.connection()
    #expect(connection.increment("a", by: 1) == nil)
    #expect(connection.delete("a") == nil)
    if answer != "STORED\r\n" {
      #expect(connection.store([(CacheItem("a", [1], lifetime: 1), .ifMissing)]) == nil)
    }
  }

  @Test func `a connection that the server closed while it was idle is made anew`() throws {
    let server = try ScriptedServer([[["END\r\n"]], [["VALUE a 0 1\r\n1\r\nEND\r\n"]]])
    let connection = server.connection()
    #expect(texts(connection.get(["a"])) == [nil])
    #expect(texts(connection.get(["a"])) == ["1"])
  }

  @Test func `a server that falls silent costs a moment`() throws {
    let server = try ScriptedServer([[["VALUE a 0 10\r\n123"]]], closing: false)
    let start = Deadline.monotonicNanoseconds()
    #expect(MemcachedConnection(.socket(path: server.path)).get(["a"]) == nil)
    #expect(Deadline.monotonicNanoseconds() - start < 2_000_000_000)
  }

  @Test func `after a failure it asks on a new connection`() throws {
    let server = try ScriptedServer([[["garbage\r\n"]], [["VALUE a 0 1\r\n1\r\nEND\r\n"], ["END\r\n"]]])
    let reader = server.connection()
    #expect(reader.get(["a"]) == nil)
    #expect(texts(reader.get(["a"])) == ["1"])
    #expect(texts(reader.get(["a"])) == [nil])
    #expect(reader.get(["a"]) == nil)
  }

  @Test(arguments: ["localhost", "127.0.0.1", "no.such.host.invalid"])
  func `where nobody listens there is no answer`(host: String) {
    #expect(MemcachedConnection(.host(host, port: 1)).get(["a"]) == nil)
    #expect(MemcachedConnection(.socket(path: "/nowhere/\(String(repeating: "x", count: 200))")).get(["a"]) == nil)
  }
}
