internal import Core
@preconcurrency internal import Glibc

/// Reads a bzip2 file with several threads.
final class Bzip2Reader {
  private struct Job: Sendable {
    var number: Int
    var block: Bzip2Splitter.Block
  }

  private struct Result: Sendable {
    var number: Int
    /// nil when the block could not be decompressed: then it is here.
    var bytes: [UInt8]?
    var block: Bzip2Splitter.Block?
  }

  private enum Message: Sendable {
    case result(Result)
    /// So many blocks have been sent, or reading failed after them.
    case end(count: Int, DumpError?)
  }

  private let path: String
  private let library: Bzip2Library
  private let jobs: Channel<Job>
  private let messages: Channel<Message>
  private var results: [Int: Result] = [:]
  private var next = 0
  private var end: (count: Int, failure: DumpError?)?

  private static let readSize = 1 << 20
  /// What comes of a block of 900,000 bytes, unless it repeats itself.
  private static let usualLength = 1 << 20
  private static let longestLength = 48 << 20
  /// How many marks in a row may be none.
  private static let mostJoins = 4

  /// - Parameter threads: how many decompress.
  init(path: String, threads: Int) throws(DumpError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path) }
    self.path = path
    library = try Bzip2Library()
    jobs = Channel(capacity: threads * 2)
    messages = Channel(capacity: threads * 4)
    var started = 0
    for _ in 0..<threads {
      if WorkerThread({ [jobs, messages, library] in Bzip2Reader.work(jobs, messages, library) }) != nil {
        started += 1
      }
    }
    let isReading = WorkerThread { [jobs, messages] in Bzip2Reader.read(descriptor, path, jobs, messages) } != nil
    guard started > 0, isReading else {
      close(descriptor)
      throw DumpError(.inaccessible, "no thread can be started")
    }
  }

  deinit {
    jobs.abandon()
    messages.abandon()
  }

  /// The next bytes of the text; nil at the end.
  func read() throws(DumpError) -> [UInt8]? {
    guard var result = try take() else { return nil }
    if let bytes = result.bytes { return bytes }
    for _ in 0..<Bzip2Reader.mostJoins {
      guard let first = result.block, let second = try take() else { break }
      guard let rest = second.block else { break }
      let joined = first.joined(with: rest)
      if let bytes = Bzip2Reader.decompress(joined, library) { return bytes }
      result.block = joined
    }
    throw DumpError(.damaged, "\(path) is damaged: a block of it cannot be decompressed")
  }

  private func take() throws(DumpError) -> Result? {
    while true {
      if let result = results.removeValue(forKey: next) {
        next += 1
        return result
      }
      if let end, next >= end.count {
        if let failure = end.failure { throw failure }
        return nil
      }
      switch messages.receive() {
      case .result(let result): results[result.number] = result
      case .end(let count, let failure): end = (count, failure)
      case nil: return nil
      }
    }
  }

  // MARK: - Threads

  private static func work(_ jobs: Channel<Job>, _ messages: Channel<Message>, _ library: Bzip2Library) {
    while let job = jobs.receive() {
      let bytes = decompress(job.block, library)
      let result = Result(number: job.number, bytes: bytes, block: bytes == nil ? job.block : nil)
      guard messages.send(.result(result)) else { return }
    }
  }

  private static func decompress(_ block: Bzip2Splitter.Block, _ library: Bzip2Library) -> [UInt8]? {
    let stream = block.stream
    for most in [usualLength, longestLength] {
      switch library.decompress(stream, most: most) {
      case .done(let bytes): return bytes
      case .tooLong: continue
      case .broken: return nil
      }
    }
    return nil
  }

  private static func read(_ descriptor: Int32, _ path: String, _ jobs: Channel<Job>, _ messages: Channel<Message>) {
    defer {
      close(descriptor)
      jobs.close()
    }
    var splitter = Bzip2Splitter()
    var count = 0
    do throws(DumpError) {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 16)
      defer { buffer.deallocate() }
      while true {
        let length = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if length < 0, errno == EINTR { continue }
        guard length >= 0 else { throw .system("read", path) }
        if length == 0 { break }
        try splitter.add(UnsafeRawBufferPointer(rebasing: buffer[..<length])) { block, _ throws(DumpError) in
          guard jobs.send(Job(number: count, block: block)) else { throw .interrupted }
          count += 1
        }
      }
      guard !splitter.isInBlock else {
        throw DumpError(.damaged, "\(path) ends in the middle: it was not downloaded to the end")
      }
      messages.send(.end(count: count, nil))
    } catch {
      messages.send(.end(count: count, error))
    }
  }
}
