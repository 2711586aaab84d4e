import Foundation
import Testing

/// Feeds mutated inputs to a parser. What a run does depends on its seed only, and each input on its number, so that
/// one input can be had again alone:
///
///     LINERNOTES_FUZZ_FIRST=4711 LINERNOTES_FUZZ_INPUTS=1 swift test --filter "FuzzTests.JSON"
///
/// A crash takes the test process with it. The input that was being tried is then in the file that the run has named at
/// its start.
struct Fuzz {
  let name: String
  let inputs: Int
  private let seed: UInt64
  private let first: Int

  /// - Parameter inputs: how many take about a second in a debug build; `LINERNOTES_FUZZ_INPUTS` says another number.
  init(_ name: String, inputs: Int) {
    let environment = ProcessInfo.processInfo.environment
    self.name = name
    self.inputs = environment["LINERNOTES_FUZZ_INPUTS"].flatMap { Int($0) } ?? inputs
    seed = environment["LINERNOTES_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    first = environment["LINERNOTES_FUZZ_FIRST"].flatMap { Int($0) } ?? 0
  }

  /// Calls `check` with each input, which throws what is wrong with it.
  func run(_ corpus: [[UInt8]], _ check: ([UInt8], inout Randomness) throws -> Void) throws {
    let record = try Record(name: name, capacity: Mutation.longest)
    print("fuzz \(name): seed \(seed), \(inputs) inputs from number \(first); the last one tried is in \(record.path)")
    let mutation = Mutation(corpus)
    for number in first..<(first + inputs) {
      // The corpus as it is comes first.
      var randomness = Randomness(seed: seed, number: number)
      let input = number < corpus.count ? corpus[number] : mutation.input(&randomness)
      record.note(seed: seed, number: number, input)
      do {
        try check(input, &randomness)
      } catch {
        Issue.record("\(name), seed \(seed), input \(number): \(error)\n\(Fuzz.shown(input))")
        return
      }
    }
    record.forget()
  }

  static func shown(_ input: [UInt8]) -> String {
    String(decoding: input.prefix(2_000), as: UTF8.self).debugDescription + (input.count > 2_000 ? " …" : "")
  }
}

/// What is wrong with an input.
struct Fault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// `#expect` is a thousand times as slow, and every input has several.
func check(_ isRight: @autoclosure () throws -> Bool, _ fault: @autoclosure () -> String) throws {
  guard try isRight() else { throw Fault(fault()) }
}

/// SplitMix64.
struct Randomness: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64, number: Int) {
    state = seed &* 0xd134_2543_de82_ef95 ^ UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  /// From 0 to below `bound`, which is at least 1.
  mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(bound)) }

  mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

  /// Once in so many times.
  mutating func once(in times: Int) -> Bool { below(times) == 0 }
}

/// A file, mapped into memory, with the input that is being tried: what is in it outlives a crash of the process, and
/// writing to it costs no system call.
private final class Record {
  let path: String
  private let memory: UnsafeMutableRawBufferPointer

  private static let head = 128

  init(name: String, capacity: Int) throws {
    path = NSTemporaryDirectory() + "linernotes-fuzz-\(name)-\(getpid())"
    let size = Record.head + capacity
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(file) }
    guard file >= 0, ftruncate(file, off_t(size)) == 0,
      let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), start != MAP_FAILED
    else { throw Fault("cannot write \(path)") }
    memory = UnsafeMutableRawBufferPointer(start: start, count: size)
  }

  deinit { munmap(memory.baseAddress, memory.count) }

  func note(seed: UInt64, number: Int, _ input: [UInt8]) {
    let head = "seed \(seed), input \(number), \(input.count) bytes:\n"
    memory.copyBytes(from: head.utf8)
    for index in head.utf8.count..<Record.head { memory[index] = UInt8(ascii: "\n") }
    UnsafeMutableRawBufferPointer(rebasing: memory[Record.head...]).copyBytes(
      from: input.prefix(memory.count - Record.head))
  }

  func forget() { unlink(path) }
}
