internal import CPQ
internal import Core
internal import Glibc

/// One connection to PostgreSQL. Nothing here blocks for longer than it is told: libpq runs non-blocking, and every
/// wait is a `poll` cut to what is left of a deadline, and so is the time that the server takes.
///
/// After a failure that ``PostgresFailure/blamesConnection`` or a time-out it is of no further use.
final class PostgresConnection {
  private let library: PostgresLibrary
  private let handle: OpaquePointer
  private var prepared: Set<String> = []
  /// How long the server lets one statement take, in milliseconds; nil when it has to be told.
  private var limitInForce: Int?
  /// Whether something was asked whose answer has not been read to its end. The server may still be at work on it, and
  /// the rest of the answer would come in front of the next one.
  private(set) var isAnswering = false

  /// The server's process for this connection.
  var serverProcess: Int { Int(library.backendPID(handle)) }

  /// Connects, with libpq's keywords and values.
  init(
    _ library: PostgresLibrary, _ parameters: [(keyword: String, value: String)], by deadline: Deadline
  ) throws(PostgresFailure) {
    var keywords: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.keyword)) }
    var values: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.value)) }
    defer { for text in keywords + values { free(UnsafeMutableRawPointer(mutating: text)) } }
    keywords.append(nil)
    values.append(nil)
    guard let handle = library.connectStartParams(keywords, values, 0) else {
      throw PostgresFailure(.unreachable, "out of memory")
    }
    self.library = library
    self.handle = handle
    // From here on `deinit` frees the handle. A server's notices would otherwise go to stderr.
    _ = library.setNoticeReceiver(handle, { _, _ in }, nil)
    // What the server says when it turns us away is then a SQLSTATE instead of a sentence that quotes names.
    _ = library.setErrorVerbosity(handle, PQERRORS_SQLSTATE)
    try finishConnecting(by: deadline)
    guard library.setNonblocking(handle, 1) == 0, library.enterPipelineMode(handle) == 1 else {
      throw PostgresFailure(.unreachable, "libpq refuses pipeline mode")
    }
  }

  deinit { library.finish(handle) }

  /// Runs queries in one round trip and one transaction. `receive` gets the rows of each as they arrive, in order; those
  /// of a streamed query one at a time, and none at its end.
  func run(
    _ queries: [PostgresQuery], by deadline: Deadline,
    _ receive: (Int, borrowing PostgresRows) throws(PostgresFailure) -> Void
  ) throws(PostgresFailure) {
    isAnswering = true
    var steps: [Step] = []
    let limit = ServerLimit(deadline)
    if limit.milliseconds != limitInForce {
      try send(limit.query, as: .limit, &steps)
    }
    for (index, query) in queries.enumerated() {
      try send(query, as: .rows(of: index), &steps)
    }
    guard library.pipelineSync(handle) == 1 else { throw lost }

    // The whole answer is read even after an error, so that the connection can be used again.
    var failure: PostgresFailure?
    for step in steps {
      if case .rows(let index) = step, queries[index].isStreamed { _ = library.setSingleRowMode(handle) }
      while let result = try nextResult(by: deadline) {
        do throws(PostgresFailure) {
          switch library.resultStatus(result) {
          case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
            let rows = PostgresRows(taking: result, library)
            if failure == nil, case .rows(let index) = step { try receive(index, rows) }
          case PGRES_COMMAND_OK:
            library.clear(result)
            if case .prepare(let name) = step { prepared.insert(name) }
          case PGRES_PIPELINE_ABORTED:
            library.clear(result)
          default:
            let error = complaint(in: result)
            library.clear(result)
            throw error ?? lost
          }
        } catch {
          // libpq follows what a server says before it hangs up with an error of its own; the first one tells more.
          if failure == nil { failure = error }
          if library.status(handle) == CONNECTION_BAD { throw failure ?? error }
        }
      }
    }
    if let result = try nextResult(by: deadline) { library.clear(result) }
    isAnswering = false
    // After an error the server has taken back the new limit with the rest of the transaction.
    limitInForce = failure == nil ? limit.milliseconds : nil
    if let failure { throw failure }
  }

  /// Runs statements that have no parameters, separated by semicolons, in one transaction. Rows are thrown away.
  func run(script: String, by deadline: Deadline) throws(PostgresFailure) {
    if ServerLimit(deadline).milliseconds != limitInForce { try run([], by: deadline) { _, _ in } }
    isAnswering = true
    guard library.exitPipelineMode(handle) == 1, library.sendQuery(handle, script) == 1 else { throw lost }
    var failure: PostgresFailure?
    while let result = try nextResult(by: deadline) {
      let status = library.resultStatus(result)
      if status != PGRES_TUPLES_OK, status != PGRES_COMMAND_OK, status != PGRES_EMPTY_QUERY, failure == nil {
        failure = complaint(in: result) ?? lost
      }
      library.clear(result)
    }
    guard library.enterPipelineMode(handle) == 1 else { throw lost }
    isAnswering = false
    if let failure { throw failure }
  }

  /// Sends lines to `COPY … FROM STDIN`.
  func copy<Elements: Collection>(
    _ elements: Elements, into command: String, by deadline: Deadline, line: (Elements.Element, inout [UInt8]) -> Void
  ) throws(PostgresFailure) {
    isAnswering = true
    guard library.exitPipelineMode(handle) == 1, library.sendQuery(handle, command) == 1 else { throw lost }
    guard let begun = try nextResult(by: deadline) else { throw lost }
    let isReady = library.resultStatus(begun) == PGRES_COPY_IN
    let refusal = complaint(in: begun)
    library.clear(begun)
    guard isReady else { throw refusal ?? lost }
    var bytes: [UInt8] = []
    for element in elements {
      line(element, &bytes)
      bytes.append(UInt8(ascii: "\n"))
      if bytes.count > 64 << 10 {
        try put(bytes, by: deadline)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try put(bytes, by: deadline)
    while case let ended = library.putCopyEnd(handle, nil), ended != 1 {
      guard ended == 0 else { throw lost }
      try wait(for: Int16(POLLOUT), by: deadline)
    }
    var failure: PostgresFailure?
    while let result = try nextResult(by: deadline) {
      if library.resultStatus(result) != PGRES_COMMAND_OK, failure == nil {
        failure = complaint(in: result) ?? lost
      }
      library.clear(result)
    }
    guard library.enterPipelineMode(handle) == 1 else { throw lost }
    isAnswering = false
    if let failure { throw failure }
  }

  private func put(_ bytes: [UInt8], by deadline: Deadline) throws(PostgresFailure) {
    while true {
      let status = bytes.withUnsafeBytes {
        library.putCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
      }
      if status == 1 { return }
      guard status == 0 else { throw lost }
      try wait(for: Int16(POLLOUT), by: deadline)
    }
  }

  private enum Step: Equatable {
    case prepare(String)
    case limit
    case rows(of: Int)
  }

  private var lost: PostgresFailure { PostgresFailure(.connectionLost, "the connection was lost") }

  private func send(_ query: PostgresQuery, as step: Step, _ steps: inout [Step]) throws(PostgresFailure) {
    let name = query.statement.name
    if !prepared.contains(name), !steps.contains(.prepare(name)) {
      guard library.sendPrepare(handle, name, query.statement.sql, 0, nil) == 1 else { throw lost }
      steps.append(.prepare(name))
    }
    guard send(query) else { throw lost }
    steps.append(step)
  }

  private func send(_ query: PostgresQuery) -> Bool {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for parameter in query.parameters {
      parameter.append(to: &bytes)
      ends.append(bytes.count)
    }
    return bytes.withUnsafeBytes { buffer in
      var values: [UnsafePointer<CChar>?] = []
      var lengths: [Int32] = []
      var start = 0
      for end in ends {
        // A null pointer would be SQL's null; an empty text is not.
        values.append(buffer.baseAddress.map { ($0 + start).assumingMemoryBound(to: CChar.self) })
        lengths.append(Int32(end - start))
        start = end
      }
      let formats = [Int32](repeating: 1, count: ends.count)
      return library.sendQueryPrepared(
        handle, query.statement.name, Int32(ends.count), values, lengths, formats, 1) == 1
    }
  }

  /// The next result of the step at hand, nil at its end.
  private func nextResult(by deadline: Deadline) throws(PostgresFailure) -> OpaquePointer? {
    while true {
      let unsent = library.flush(handle)
      guard unsent >= 0 else { throw lost }
      if library.isBusy(handle) == 0 { break }
      try wait(for: unsent == 0 ? Int16(POLLIN) : Int16(POLLIN | POLLOUT), by: deadline)
      guard library.consumeInput(handle) == 1 else { throw lostWithLastWords }
    }
    if let result = library.getResult(handle) { return result }
    // "If PQgetResult returns NULL, check PQstatus": a dead connection otherwise looks like the end of every step.
    guard library.status(handle) == CONNECTION_OK else { throw lost }
    return nil
  }

  /// A server that shuts down says so before it hangs up, which is then waiting in front of the end.
  private var lostWithLastWords: PostgresFailure {
    guard library.isBusy(handle) == 0, let result = library.getResult(handle) else { return lost }
    defer { library.clear(result) }
    return complaint(in: result) ?? lost
  }

  /// How long to wait at most before looking whether anybody still waits, and where nobody does, whether somebody has
  /// come who would have to wait for this.
  private static let sliceMilliseconds = 500
  private static let leisureSliceMilliseconds = 50

  private func wait(for events: Int16, by deadline: Deadline) throws(PostgresFailure) {
    let slice =
      deadline.isAwaited ? PostgresConnection.sliceMilliseconds : PostgresConnection.leisureSliceMilliseconds
    while true {
      guard deadline.beat() else { throw PostgresFailure(.timedOut, "nobody waits for the answer any more") }
      let milliseconds = deadline.millisecondsLeft
      guard milliseconds > 0 else { throw PostgresFailure(.timedOut, "no answer in time") }
      var descriptor = pollfd(fd: library.socket(handle), events: events, revents: 0)
      let ready = poll(&descriptor, 1, Int32(min(milliseconds, slice)))
      if ready > 0 { return }
      guard ready == 0 || errno == EINTR else { throw lost }
    }
  }

  private func finishConnecting(by deadline: Deadline) throws(PostgresFailure) {
    // "If PQstatus returns CONNECTION_BAD, the connection attempt has already failed."
    var state = library.status(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      switch state {
      case PGRES_POLLING_READING: try wait(for: Int16(POLLIN), by: deadline)
      case PGRES_POLLING_WRITING: try wait(for: Int16(POLLOUT), by: deadline)
      default: throw connectFailure
      }
      state = library.connectPoll(handle)
    }
  }

  /// libpq has no SQLSTATE for a failed connection but in its message, which ends in `FATAL:  28P01`. Its own words
  /// name host and user, so that only the operating system's reason is kept of them.
  private var connectFailure: PostgresFailure {
    let message = library.errorMessage(handle).map { String(cString: $0) } ?? ""
    let lastWord = message.split { $0 == " " || $0 == "\n" }.last ?? ""
    if lastWord.utf8.count == 5, lastWord.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) }),
      message.contains(":  \(lastWord)")
    {
      var failure = PostgresFailure(sqlState: String(lastWord))
      if failure.kind == .connectionLost { failure.kind = .unreachable }
      return failure
    }
    let known = [
      "Connection refused", "No such file or directory", "Permission denied", "No route to host",
      "Network is unreachable", "could not translate host name", "SSL", "certificate", "not in hot standby mode",
      "no password supplied", "invalid",
    ]
    let reason = known.first { message.contains($0) }
    return PostgresFailure(.unreachable, "cannot connect" + (reason.map { ": \($0)" } ?? ""))
  }

  private func complaint(in result: OpaquePointer) -> PostgresFailure? {
    guard let state = library.resultErrorField(result, Int32(LINERNOTES_PG_DIAG_SQLSTATE)) else { return nil }
    return PostgresFailure(sqlState: String(cString: state))
  }
}
