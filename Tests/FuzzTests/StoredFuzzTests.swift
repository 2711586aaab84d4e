import Cache
import Core
import Foundation
import Testing

@testable import Documents
@testable import Memcached
@testable import Metadata

/// What is read back from caches.
@Suite struct StoredFuzzTests {
  static var documents: [Document] {
    let expires = UnixTime(seconds: 1_800_000_000)
    let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
    return [
      Document(
        parts: [
          .init(label: Array("one".utf8), Fragment(Array("first".utf8))), .init(Fragment(uncompressed: [])),
          .init(label: [0x1d, 0x1f], Fragment(Array(String(repeating: "third ", count: 1_000).utf8))),
        ], references: [id, "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"], expires: expires),
      Document(parts: [.init(Fragment(Array((0..<600).map { UInt8(truncatingIfNeeded: $0 * $0) })))], expires: expires),
      Document(parts: [.init(Fragment(literal: "{}"))], references: [id], expires: expires),
      .absent(expires: expires), .moved(to: id, expires: expires),
    ]
  }

  /// Longer texts are not inflated here: what is tried are the limits, not the machine.
  private static let longestText = 1 << 20

  @Test func `a stored document is a miss, or what is sent of it is sound`() throws {
    let output = OutputBuffer()
    try Fuzz("Document", inputs: 10_000).run(Self.documents.map { $0.encoded() }) { input, _ in
      guard let document = Document(encoded: input) else { return }
      try check(document.encoded() == input, "it is stored as another")
      _ = document.fingerprint
      let body = Body(document.parts.map(\.fragment))
      try check(body.plainLength >= 0 && body.plainLength <= 1_032 * input.count, "it claims \(body.plainLength) bytes")
      output.reset()
      body.appendGzip(to: output)
      try check(output.count == body.gzipLength && output.count <= input.count + 32, "gzip: \(output.count) bytes")
      guard body.plainLength <= Self.longestText else { return }
      output.reset()
      let isSound = body.appendPlain(to: output)
      try check(output.count == (isSound ? body.plainLength : 0), "plain: \(output.count) bytes")
    }
  }

  @Test func `labels of albums`() throws {
    var album = AlbumSummary(id: "472bc127-8861-45e8-bc9e-31e8dd32de7a", title: "A")
    album.secondaryTypes = ["Compilation", "Live"]
    album.statuses = ["", "Bootleg", "Official"]
    let labels = [AlbumSummary(id: album.id, title: ""), album].map { AlbumLabel($0, Vocabulary()).encoded }
    let filter = AlbumFilter(primaryTypes: ["Album"], secondaryTypes: ["Studio", "Live"], statuses: ["Official"])
    try Fuzz("AlbumLabel", inputs: 20_000).run(labels) { input, _ in
      guard let label = AlbumLabel(input) else { return }
      _ = filter.admits(label)
      // A name is never empty. What is no UTF-8 is replaced once.
      guard !([label.primaryType] + label.secondaryTypes + label.statuses).contains("") else { return }
      try check(AlbumLabel(label.encoded) == label, "it is stored as another: \(label)")
    }
  }

  @Test func `answers of memcached`() throws {
    let server = try Answering()
    let corpus = Corpus.texts(
      "END\r\n", "VALUE a 0 1\r\n1\r\nEND\r\n", "VALUE bb 7 2\r\n\r\n\r\nEND\r\n",
      "VALUE bb 0 1\r\n2\r\nVALUE a 0 1\r\n1\r\nEND\r\n",
      "VALUE a 0 0\r\n\r\nVALUE bb 0 5\r\nEND\r\n\r\nEND\r\n", "STORED\r\nSTORED\r\n",
      "NOT_STORED\r\nSERVER_ERROR x\r\n",
      "VALUE a 0 1048576\r\n", "VALUE a 0 999999999\r\n", "SERVER_ERROR out of memory\r\n", "ERROR\r\n")
    let items = ["a", "bb"].map { (CacheItem($0, [1, 2, 3], lifetime: 10), MemcachedConnection.Condition.always) }
    try Fuzz("Memcached", inputs: 2_000).run(corpus) { input, randomness in
      // An answer that is whole may be read with the connection kept; one that is not ends with it.
      let connection = MemcachedConnection(.socket(path: server.path))
      server.answer(input)
      if randomness.once(in: 3) {
        guard let outcomes = connection.store(items) else { return }
        try check(outcomes.count == 2, "\(outcomes.count) outcomes")
      } else {
        guard let values = connection.get(["a", "bb"]) else { return }
        try check(values.count == 2, "\(values.count) values")
        let length = values.reduce(0) { $0 + ($1?.count ?? 0) }
        try check(length <= input.count, "\(length) bytes")
        let text = String(decoding: input, as: UTF8.self)
        try check(values.allSatisfy { $0 == nil } || text.contains("VALUE "), "a value from nowhere")
      }
    }
  }
}

/// A server on a unix socket that gives one answer on each connection, and closes it.
private final class Answering: Sendable {
  let path = NSTemporaryDirectory() + "fuzz-\(getpid())-\(UInt32.random(in: .min ... .max))"
  private let listener: Int32
  private let ways: (read: Int32, write: Int32)

  init() throws {
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var ends: [Int32] = [0, 0]
    let listener = listener
    guard let address = UnixSocketAddress(path: path), pipe(&ends) == 0,
      address.withPointer({ bind(listener, $0, $1) }) == 0,
      listen(listener, 64) == 0
    else { throw Fault("no socket at \(path)") }
    ways = (ends[0], ends[1])
    let answers = ends[0]
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        var space = [UInt8](repeating: 0, count: 1 << 12)
        var length = 0
        // Each answer goes through the pipe, with its length before it.
        guard read(answers, &length, MemoryLayout<Int>.size) == MemoryLayout<Int>.size else { return }
        var answer = [UInt8](repeating: 0, count: length)
        var count = 0
        while count < length {
          let more = answer.withUnsafeMutableBytes {
            read(answers, $0.baseAddress?.advanced(by: count), length - count)
          }
          guard more > 0 else { return }
          count += more
        }
        if recv(connection, &space, space.count, 0) > 0 { _ = send(connection, answer, length, Int32(MSG_NOSIGNAL)) }
        close(connection)
      }
    }
  }

  func answer(_ bytes: [UInt8]) {
    var length = bytes.count
    _ = write(ways.write, &length, MemoryLayout<Int>.size)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(ways.write, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    close(ways.write)
    unlink(path)
  }
}
