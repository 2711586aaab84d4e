internal import Core
@preconcurrency internal import Glibc

/// Reads a bzip2 file with several threads.
final class Bzip2Reader {
  private struct Job: Sendable {
    var number: Int
    var piece: Bzip2Splitter.Piece
  }

  private struct Result: Sendable {
    var number: Int
    var contents: Contents
  }

  private enum Contents: Sendable {
    /// What came of a block, and its checksum.
    case bytes([UInt8], checksum: UInt32)
    /// What is between blocks, or a block that cannot be decompressed.
    case piece(Bzip2Splitter.Piece)
  }

  private enum Message: Sendable {
    case result(Result)
    /// So many pieces have been sent, or reading failed after them.
    case end(count: Int, DumpError?)
  }

  private let path: String
  private let library: Bzip2Library
  private let jobs: Channel<Job>
  private let messages: Channel<Message>
  private var results: [Int: Result] = [:]
  private var next = 0
  private var end: (count: Int, failure: DumpError?)?
  private var sequence: Bzip2Sequence

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
    sequence = Bzip2Sequence(path: path)
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
    while let contents = try take() {
      switch contents {
      case .bytes(let bytes, let checksum):
        try sequence.addBlock(checksum: checksum)
        return bytes
      case .piece(let piece) where piece.kind == .block:
        let bytes = try join(piece)
        try sequence.addBlock(checksum: piece.checksum)
        return bytes
      case .piece(let piece): try sequence.add(piece)
      }
    }
    try sequence.finish()
    return nil
  }

  /// What comes of a block and what is behind it, where the marks between them are none.
  private func join(_ piece: Bzip2Splitter.Piece) throws(DumpError) -> [UInt8] {
    var joined = piece
    for count in 0..<Bzip2Reader.mostJoins {
      guard let contents = try take() else {
        if count == 0 { throw DumpError(.damaged, "\(path) ends in the middle: it was not downloaded to the end") }
        break
      }
      guard case .piece(let next) = contents else { break }
      joined = joined.joined(with: next)
      if let bytes = Bzip2Reader.decompress(joined, library) { return bytes }
    }
    throw DumpError(.damaged, "\(path) is damaged: a block of it cannot be decompressed")
  }

  private func take() throws(DumpError) -> Contents? {
    while true {
      if let result = results.removeValue(forKey: next) {
        next += 1
        return result.contents
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
      var contents = Contents.piece(job.piece)
      if job.piece.kind == .block, let bytes = decompress(job.piece, library) {
        contents = .bytes(bytes, checksum: job.piece.checksum)
      }
      guard messages.send(.result(Result(number: job.number, contents: contents))) else { return }
    }
  }

  private static func decompress(_ block: Bzip2Splitter.Piece, _ library: Bzip2Library) -> [UInt8]? {
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
    var count = 0
    do throws(DumpError) {
      try split(descriptor, path) { piece throws(DumpError) in
        guard jobs.send(Job(number: count, piece: piece)) else { throw .interrupted }
        count += 1
      }
      messages.send(.end(count: count, nil))
    } catch {
      messages.send(.end(count: count, error))
    }
  }

  /// Reads a file to its end.
  fileprivate static func split(_ descriptor: Int32, _ path: String, _ take: Bzip2Splitter.Take) throws(DumpError) {
    var splitter = Bzip2Splitter(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let length = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if length < 0, errno == EINTR { continue }
      guard length >= 0 else { throw .system("read", path) }
      guard length > 0 else { return try splitter.finish(take) }
      try splitter.add(UnsafeRawBufferPointer(rebasing: buffer[..<length]), take)
    }
  }
}

/// Looks whether there is anything behind the end of a bzip2 file, in a thread of its own: lbzip2 passes over it without
/// a word, and whoever downloads a file in pieces may have put more into it than belongs there.
final class Bzip2Ending {
  private let outcome = Channel<DumpError?>(capacity: 1)

  init(path: String) throws(DumpError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path) }
    let isStarted =
      WorkerThread { [outcome] in
        defer { close(descriptor) }
        var sequence = Bzip2Sequence(path: path)
        do throws(DumpError) {
          try Bzip2Reader.split(descriptor, path) { piece throws(DumpError) in try sequence.lookForEnd(piece) }
          outcome.send(nil)
        } catch {
          outcome.send(error)
        }
      } != nil
    guard isStarted else {
      close(descriptor)
      throw DumpError(.inaccessible, "no thread can be started")
    }
  }

  /// Waits for what was found.
  func check() throws(DumpError) {
    if let failure = outcome.receive() ?? nil { throw failure }
  }
}
