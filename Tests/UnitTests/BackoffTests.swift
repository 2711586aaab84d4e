import Core
import Testing

@Suite struct BackoffTests {
  @Test func `what failed is left alone, for longer each time, until it succeeds`() {
    var backoff = Backoff(shortestMilliseconds: 100, longestMilliseconds: 300)
    #expect(backoff.isOpen(at: 0))
    var now: UInt64 = 1_000_000_000
    for milliseconds: UInt64 in [100, 200, 300, 300] {
      backoff.failed(at: now)
      #expect(!backoff.isOpen(at: now + milliseconds * 1_000_000 - 1))
      now += milliseconds * 1_000_000
      #expect(backoff.isOpen(at: now))
    }
    backoff.succeeded()
    backoff.failed(at: now)
    #expect(backoff.isOpen(at: now + 100_000_000))
  }
}
