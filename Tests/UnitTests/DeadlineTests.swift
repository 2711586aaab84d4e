import Testing

@testable import Core

@Suite struct DeadlineTests {
  final class Clock {
    var now: UInt64 = 5_000_000_000
    func advance(milliseconds: UInt64) { now += milliseconds * 1_000_000 }
  }

  final class Work {
    var count = 0
    var goesOn = true
  }

  let clock = Clock()
  let work = Work()

  var pulse: Pulse {
    Pulse(every: 500, now: { [clock] in clock.now }) { [work] in
      work.count += 1
      return work.goesOn
    }
  }

  @Test func `a deadline without a pulse passes by time alone`() {
    let deadline = Deadline.after(milliseconds: 60_000)
    #expect(deadline.beat())
    #expect(!deadline.hasPassed)
    #expect(Deadline.after(milliseconds: 0).hasPassed)
  }

  @Test func `a pulse does its work no more often than it was told to`() {
    let deadline = Deadline.after(milliseconds: 60_000).with(pulse)
    #expect(deadline.beat())
    #expect(work.count == 0)
    clock.advance(milliseconds: 499)
    #expect(deadline.beat())
    #expect(work.count == 0)
    clock.advance(milliseconds: 1)
    for _ in 0..<3 { #expect(deadline.beat()) }
    #expect(work.count == 1)
    clock.advance(milliseconds: 2_000)
    for _ in 0..<3 { #expect(deadline.beat()) }
    #expect(work.count == 2)
  }

  @Test func `a pulse that says stop ends the deadline and those made from it, and is not asked again`() {
    let deadline = Deadline.after(milliseconds: 60_000).with(pulse)
    let sooner = deadline.orAfter(milliseconds: 30_000)
    #expect(!sooner.hasPassed && sooner.millisecondsLeft > 0)
    work.goesOn = false
    clock.advance(milliseconds: 500)
    #expect(!deadline.beat())
    for each in [deadline, sooner] {
      #expect(each.hasPassed)
      #expect(each.millisecondsLeft == 0)
      #expect(!each.beat())
    }
    clock.advance(milliseconds: 500)
    work.goesOn = true
    #expect(!deadline.beat())
    #expect(work.count == 1)
  }
}
