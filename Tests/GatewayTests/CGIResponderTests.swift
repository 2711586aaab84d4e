import Core
import Foundation
import Glibc
import Testing

@testable import Gateway

@Suite struct CGIResponderTests {
  let pair = SocketPair()

  func read(_ count: Int, from descriptor: Int32, milliseconds: Int) -> Int {
    var space = [UInt8](repeating: 0, count: count)
    return space.withUnsafeMutableBytes {
      CGIResponder.read(into: $0, from: descriptor, by: .after(milliseconds: milliseconds))
    }
  }

  @Test func `a body is read to the length that was announced, or to its end`() {
    let server = pair.takeServer()
    pair.send([1, 2, 3, 4, 5])
    #expect(read(3, from: server, milliseconds: 30_000) == 3)
    pair.endSending()
    #expect(read(3, from: server, milliseconds: 30_000) == 2)
    close(server)
  }

  @Test func `a body that drips has one deadline for all of it`() {
    let server = pair.takeServer()
    let client = dup(pair.client)
    Thread.detachNewThread {
      for _ in 0..<100 {
        Sockets.send([1], to: client)
        usleep(20_000)
      }
      close(client)
    }
    #expect(read(100, from: server, milliseconds: 100) == -1)
    close(server)
  }

  @Test(arguments: [false, true])
  func `an answer that is not taken, or slowly, has one deadline for all of it`(drips: Bool) {
    // What a web server gives its scripts: a write to a pipe waits until all of it has been taken.
    var ends: (Int32, Int32) = (-1, -1)
    _ = withUnsafeMutableBytes(of: &ends) { pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self)) }
    let (output, input) = ends
    let isOver = Flag()
    let isClosed = Flag()
    Thread.detachNewThread {
      var piece = [UInt8](repeating: 0, count: 5_000)
      while !isOver.isSet {
        if drips { _ = Glibc.read(output, &piece, piece.count) }
        usleep(10_000)
      }
      close(output)
      isClosed.set()
    }
    let text = [UInt8](repeating: 32, count: 6_000_000)
    #expect(!text.withUnsafeBytes { CGIResponder.write($0, to: input, by: .after(milliseconds: 200)) })
    isOver.set()
    close(input)
    isClosed.wait()
  }

  @Test func `a long answer arrives whole`() {
    var ends: (Int32, Int32) = (-1, -1)
    _ = withUnsafeMutableBytes(of: &ends) { pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self)) }
    let (output, input) = ends
    let text = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
    let isRight = Flag()
    let isRead = Flag()
    Thread.detachNewThread {
      var received: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 64 << 10)
      while case let count = Glibc.read(output, &piece, piece.count), count > 0 { received += piece[..<count] }
      if received == text { isRight.set() }
      isRead.set()
      close(output)
    }
    #expect(text.withUnsafeBytes { CGIResponder.write($0, to: input, by: .after(milliseconds: 30_000)) })
    close(input)
    isRead.wait()
    #expect(isRight.isSet)
  }
}
