import Core
import Foundation
import Glibc
import Logging
import Testing

@testable import Observe

/// Where lines go, and what happens when nobody takes them.
@Suite struct LogOutputTests {
  let directory = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

  func contents(_ name: String) -> String {
    (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) ?? ""
  }

  @Test func `a file that was renamed is opened anew when it is said so, and only its owner reads it`() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let output = LogOutput(.file(path: "\(directory)/a"))
    #expect(output.write(Array("one\n".utf8)))
    try FileManager.default.moveItem(atPath: "\(directory)/a", toPath: "\(directory)/b")
    #expect(output.write(Array("two\n".utf8)))
    #expect(contents("b") == "one\ntwo\n")
    #expect(output.write(Array("three\n".utf8), generation: 1))
    #expect(contents("b") == "one\ntwo\n" && contents("a") == "three\n")
    output.reopen()
    #expect(output.write(Array("four\n".utf8), generation: 1))
    #expect(contents("a") == "three\nfour\n")
    let mode = try FileManager.default.attributesOfItem(atPath: "\(directory)/a")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `the system's log gets a datagram a line, and may be restarted`() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = "\(directory)/dev-log"
    let log = Log(LogOutput(.systemLog(path: path)), format: .text, levels: LogLevels(.info))
    log.requestID = { "abc\nd" }
    for _ in 0..<2 {
      let receiver = try DatagramSocket(unix: path)
      log.logger("linernotes.cache").error("broken", metadata: ["reason": "no\nreason"])
      let text = try #require(receiver.next())
      #expect(
        text == "<27>linernotes[\(getpid())]: linernotes.cache - ERROR - broken reason=no\\nreason request=abc\\nd")
      unlink(path)
    }
  }

  @Test func `a reader that hangs costs a moment and a line, not the process`() throws {
    // As with LOG_TO=stderr, but with a pipe of our own in the place of a log.
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let output = LogOutput(.file(path: "/proc/self/fd/\(ends[1])"))
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4_096)
    var written = 0
    while written < 1_000, output.write(line) { written += 1 }
    #expect(written > 0 && written < 1_000)
    let start = Deadline.monotonicNanoseconds()
    #expect(!output.write(line))
    #expect(Deadline.monotonicNanoseconds() - start < 2_000_000_000)
  }
}

/// A socket that takes datagrams in a test.
final class DatagramSocket {
  private let descriptor: Int32
  private(set) var port = 0

  init(unix path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    let descriptor = descriptor
    #expect(UnixSocketAddress(path: path)?.withPointer { bind(descriptor, $0, $1) } == 0)
    setPatience()
  }

  /// On the loopback interface.
  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) + getsockname(descriptor, $0, &length)
      }
    }
    try #require(result == 0)
    port = Int(UInt16(bigEndian: address.sin_port))
    setPatience()
  }

  deinit { close(descriptor) }

  private func setPatience() { SocketTimeout.set(on: descriptor, milliseconds: 500) }

  /// The next datagram; nil when none comes within half a second.
  func next() -> String? {
    var bytes = [UInt8](repeating: 0, count: 70_000)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
