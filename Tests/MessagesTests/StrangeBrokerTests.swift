import Cache
import Core
import Foundation
import Logging
import Metadata
import Testing

@testable import Messages

/// Whatever listens on a broker's port and is none.
final class StrangeBroker: Sendable {
  let port: Int
  private let listener: Int32

  /// - Parameter behave: what to do with a connection, which is closed afterwards.
  init(_ behave: @escaping @Sendable (Int32) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutableBytes(of: &address) { bytes in
      guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
      return bind(listener, pointer, length) == 0 && listen(listener, 8) == 0
        && getsockname(listener, pointer, &length) == 0
    }
    try #require(isBound)
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        Thread.detachNewThread {
          behave(connection)
          close(connection)
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }
}

@Suite struct StrangeBrokerTests {
  func ask(_ port: Int) -> (error: SourceError?, milliseconds: UInt64) {
    let hints = RabbitMQHints(
      RabbitMQOptions(host: "127.0.0.1", port: port, virtualHost: "/", user: "u", password: "p"), rows: nil,
      coordination: TierCoordination(shared: nil, namespace: "t"),
      logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    let start = Deadline.monotonicNanoseconds()
    var failure: SourceError?
    do throws(SourceError) {
      _ = try hints.next(by: .after(milliseconds: 1_000))
    } catch {
      failure = error
    }
    return (failure, (Deadline.monotonicNanoseconds() - start) / 1_000_000)
  }

  @Test(
    arguments: [
      Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [UInt8](repeating: 0, count: 4_096),
      [UInt8](repeating: 0xff, count: 4_096), Array("AMQP".utf8) + [0, 0, 9, 1],
      // Frames of methods that are too long, too short, or unknown.
      [1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 10, 0, 10], [1, 0, 0, 0, 0, 0, 0, 0xce],
      [1, 0, 0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff, 0xce],
      // A start whose table is longer than the frame.
      [1, 0, 0, 0, 0, 0, 12, 0, 10, 0, 10, 0, 9, 0x7f, 0xff, 0xff, 0xff, 1, 2, 0xce],
    ] as [[UInt8]])
  func `garbage is no broker`(_ bytes: [UInt8]) throws {
    let strange = try StrangeBroker { connection in
      _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      usleep(200_000)
    }
    let (error, milliseconds) = ask(strange.port)
    #expect(error?.code == .unavailable && milliseconds < 7_000)
  }

  @Test func `silence ends after a few seconds`() throws {
    let strange = try StrangeBroker { connection in
      var byte: UInt8 = 0
      while recv(connection, &byte, 1, 0) > 0 {}
    }
    let (error, milliseconds) = ask(strange.port)
    #expect(error?.code == .unavailable && (4_000..<8_000).contains(milliseconds), "\(milliseconds) ms")
  }

  @Test func `a connection that is refused or closed at once costs no time`() throws {
    let strange = try StrangeBroker { _ in }
    for port in [strange.port, 9] {
      let (error, milliseconds) = ask(port)
      #expect(error?.code == .unavailable && milliseconds < 1_000)
    }
  }

  @Test func `without librabbitmq it is said what to install, and the library is looked for again`() throws {
    var tries = 0
    var now: UInt64 = 1
    let hints = RabbitMQHints(
      RabbitMQOptions(host: "127.0.0.1", port: 9, virtualHost: "/", user: "u", password: "p"), rows: nil,
      coordination: TierCoordination(shared: nil, namespace: "t"),
      logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() },
      open: { () throws(LibraryFailure) in
        tries += 1
        throw LibraryFailure(RabbitLibrary.name, "not installed")
      }, now: { now })
    let error = #expect(throws: SourceError.self) { try hints.next(by: .after(milliseconds: 100)) }
    #expect(error?.code == .notSetUp && error?.reason.contains("librabbitmq4") == true)
    now += 60_000_000_000
    #expect(throws: SourceError.self) { try hints.next(by: .after(milliseconds: 100)) }
    #expect(tries == 2)
  }
}
