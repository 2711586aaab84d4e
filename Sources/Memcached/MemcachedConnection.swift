internal import Cache
internal import Core
internal import Glibc

/// A connection to a memcached server, in the text protocol. Owns the socket.
///
/// Most answers take one call to send and one to receive. libmemcached makes a read that finds nothing and a poll
/// before each piece of 8 KB, which was a fifth of the time of a warm answer. It also stores one value at a time, and
/// crashes on some answers that no server should give.
final class MemcachedConnection {
  /// The outcome of storing a value.
  enum Outcome: Equatable {
    case stored
    /// There is another value.
    case exists
    /// There is none to replace.
    case missing
    /// The server has no room for it; nothing is wrong with the server.
    case noRoom
  }

  enum Condition {
    case always
    case ifMissing
    /// If the value is still the one with this number.
    case ifNumber(UInt64)
  }

  /// Longer values are not ours: see ``MemcachedTier/longestItem``.
  private static let longestValue = 1 << 20
  /// What a process keeps room for; longer values are sent from where they are.
  private static let longestQuestion = 64 << 10
  private let address: MemcachedAddress
  private let hostNames = HostNames()
  private let patience: MemcachedPatience
  private var socket: Int32 = -1
  private var deadline = Deadline.after(milliseconds: 0)
  /// Whether the server has closed the connection before it said anything: after a restart it has closed all.
  private var isClosedUnheard = false

  /// What is to be sent.
  private var question: [UInt8] = []
  /// Where the keys of a multi-get are in it.
  private var keys: [Range<Int>] = []

  /// Holds what has been received and not yet taken: `unread`.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 8)
  private var unread = 0..<0
  private var hasReceived = false

  init(_ address: MemcachedAddress, patience: MemcachedPatience = .ofAnswers) {
    self.address = address
    self.patience = patience
  }

  deinit {
    disconnect()
    buffer.deallocate()
  }

  func disconnect() {
    if socket >= 0 { close(socket) }
    socket = -1
  }

  /// The values in the order of the keys, nil where there is none.
  ///
  /// - Returns: nil when the server does not answer, or not in its protocol. The connection is closed then: what is
  ///   still on its way belongs to this question and must not answer the next.
  func get(_ names: [String]) -> [[UInt8]?]? {
    // Without a key it would be an error of the protocol.
    names.isEmpty ? [] : converse { ask("get", for: names) ? readValues()?.map(\.value) : nil }
  }

  /// The values with their numbers, in the order of the keys; nil as with ``get(_:)``.
  func read(_ names: [String]) -> [VersionedValue]? {
    names.isEmpty ? [] : converse { ask("gets", for: names) ? readValues() : nil }
  }

  /// Stores values, all in one trip.
  ///
  /// - Returns: what has become of each, in their order; nil as with ``get(_:)``.
  func store(_ items: [(item: CacheItem, condition: Condition)]) -> [Outcome]? {
    items.isEmpty ? [] : converse { tell(items) ? readOutcomes(items.count) : nil }
  }

  /// The new count; `.some(nil)` where there is no counter, nil as with ``get(_:)``.
  func increment(_ key: String, by amount: UInt64) -> UInt64?? {
    converse { () -> UInt64?? in
      question.append(contentsOf: "incr \(key) \(amount)\r\n".utf8)
      guard flush(), let line = readLine() else { return nil }
      if line.elementsEqual("NOT_FOUND".utf8) || line.starts(with: "CLIENT_ERROR".utf8) { return .some(nil) }
      guard let count = UInt64(String(decoding: line, as: UTF8.self)) else { return nil }
      return count
    }
  }

  /// Whether there was something; nil as with ``get(_:)``.
  func delete(_ key: String) -> Bool? {
    converse {
      question.append(contentsOf: "delete \(key)\r\n".utf8)
      guard flush(), let line = readLine() else { return nil }
      if line.elementsEqual("DELETED".utf8) { return true }
      return line.elementsEqual("NOT_FOUND".utf8) ? false : nil
    }
  }

  /// How many values there are, and how many bytes they take; nil as with ``get(_:)``.
  func size() -> (items: UInt64, bytes: UInt64)? {
    converse { () -> (items: UInt64, bytes: UInt64)? in
      question.append(contentsOf: "stats\r\n".utf8)
      guard flush() else { return nil }
      var size: (items: UInt64, bytes: UInt64) = (0, 0)
      for _ in 0..<MemcachedConnection.mostStatistics {
        guard let line = readLine() else { return nil }
        if line.elementsEqual("END".utf8) { return size }
        let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 2, words[0] == "STAT" else { return nil }
        if words.count == 3, words[1] == "curr_items" { size.items = UInt64(words[2]) ?? 0 }
        if words.count == 3, words[1] == "bytes" { size.bytes = UInt64(words[2]) ?? 0 }
      }
      return nil
    }
  }

  private static let mostStatistics = 1_000

  private func converse<Answer>(_ work: () -> Answer?) -> Answer? {
    let isKept = socket >= 0
    if let answer = tryToConverse(work) { return answer }
    // A connection that the server closed while it was idle says nothing about the server.
    return isKept && isClosedUnheard ? tryToConverse(work) : nil
  }

  private func tryToConverse<Answer>(_ work: () -> Answer?) -> Answer? {
    isClosedUnheard = false
    hasReceived = false
    guard socket >= 0 || connect() else { return nil }
    deadline = .after(milliseconds: patience.forAnswer)
    unread = 0..<0
    question.removeAll(keepingCapacity: true)
    let answer = work()
    if answer == nil { disconnect() }
    return answer
  }

  // MARK: - The question: `get <key> <key> …`

  private func ask(_ command: StaticString, for names: [String]) -> Bool {
    keys.removeAll(keepingCapacity: true)
    question.append(
      contentsOf: UnsafeBufferPointer(start: command.utf8Start, count: command.utf8CodeUnitCount))
    for name in names {
      question.append(UInt8(ascii: " "))
      let start = question.count
      question.append(contentsOf: name.utf8)
      keys.append(start..<question.count)
    }
    question.append(contentsOf: "\r\n".utf8)
    return question.withUnsafeBytes(send)
  }

  // MARK: - The answer: `VALUE <key> <flags> <length>` and the value for each that is there, then `END`

  private func readValues() -> [VersionedValue]? {
    var values = [VersionedValue](repeating: VersionedValue(value: nil, version: .missing), count: keys.count)
    var next = 0
    while let line = readLine() {
      if line.elementsEqual("END".utf8) { return values }
      // They come in the order of the question, without those that are missing; a proxy may change that.
      guard let header = ValueHeader(line), header.length <= MemcachedConnection.longestValue,
        let index = keys[next...].firstIndex(where: { isKey($0, header.key) })
          ?? keys[..<next].firstIndex(where: { isKey($0, header.key) }),
        let value = readValue(header.length), let rest = readLine(), rest.isEmpty
      else { return nil }
      values[index] = VersionedValue(value: value, version: .number(header.number))
      next = index + 1
    }
    return nil
  }

  private func isKey(_ place: Range<Int>, _ name: UnsafeRawBufferPointer) -> Bool {
    question.withUnsafeBytes { question in
      guard place.count == name.count, let ours = question.baseAddress, let theirs = name.baseAddress else {
        return false
      }
      return memcmp(ours + place.lowerBound, theirs, place.count) == 0
    }
  }

  /// The next line without its end; valid until the next is read.
  private func readLine() -> UnsafeRawBufferPointer? {
    while true {
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[unread])
      if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
        guard end > 0, bytes[end - 1] == UInt8(ascii: "\r") else { return nil }
        unread = (unread.lowerBound + end + 1)..<unread.upperBound
        return UnsafeRawBufferPointer(rebasing: bytes[..<(end - 1)])
      }
      makeRoom()
      guard receive(first: UnsafeMutableRawBufferPointer(start: nil, count: 0)) != nil else { return nil }
    }
  }

  /// The next `length` bytes: what is there is copied, the rest comes straight from the socket.
  private func readValue(_ length: Int) -> [UInt8]? {
    let value = [UInt8](unsafeUninitializedCapacity: length) { space, count in
      let space = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(space)[..<length])
      let there = unread.prefix(length)
      space.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[there]))
      unread = there.upperBound..<unread.upperBound
      count = there.count
      while count < length, let received = receive(first: UnsafeMutableRawBufferPointer(rebasing: space[count...])) {
        count += received
      }
    }
    return value.count == length ? value : nil
  }

  // MARK: - Telling: `set <key> <flags> <lifetime> <length>` and the value for each; the answers are a line each

  private func tell(_ items: [(item: CacheItem, condition: Condition)]) -> Bool {
    for (item, condition) in items {
      let fields = "\(item.key) 0 \(MemcachedConnection.lifetime(item.lifetime)) \(item.value.count)"
      let command =
        switch condition {
        case .always: "set \(fields)\r\n"
        case .ifMissing: "add \(fields)\r\n"
        case .ifNumber(let number): "cas \(fields) \(number)\r\n"
        }
      question.append(contentsOf: command.utf8)
      if question.count + item.value.count <= MemcachedConnection.longestQuestion {
        question.append(contentsOf: item.value)
      } else {
        guard flush(), item.value.withUnsafeBytes(send) else { return false }
      }
      question.append(contentsOf: "\r\n".utf8)
    }
    return flush()
  }

  /// How the protocol spells a lifetime: it takes more than 30 days for a date, by a clock that is not ours. What shall
  /// live longer stays until the room is needed. A second is added, for the server counts only whole ones that have
  /// begun.
  private static func lifetime(_ seconds: Int64) -> Int64 {
    let longest: Int64 = 30 * 86_400
    if seconds <= 0 { return -1 }
    return seconds >= longest ? 0 : seconds + 1
  }

  private func flush() -> Bool {
    defer { question.removeAll(keepingCapacity: true) }
    return question.withUnsafeBytes(send)
  }

  private func readOutcomes(_ count: Int) -> [Outcome]? {
    var outcomes: [Outcome] = []
    while outcomes.count < count {
      guard let line = readLine() else { return nil }
      if line.elementsEqual("STORED".utf8) {
        outcomes.append(.stored)
      } else if line.elementsEqual("NOT_STORED".utf8) || line.elementsEqual("EXISTS".utf8) {
        outcomes.append(.exists)
      } else if line.elementsEqual("NOT_FOUND".utf8) {
        outcomes.append(.missing)
      } else if line.starts(with: "SERVER_ERROR".utf8) {
        outcomes.append(.noRoom)
      } else {
        return nil
      }
    }
    return outcomes
  }

  // MARK: - The socket

  private func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = Glibc.send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      if count < 0, errno == EINTR { continue }
      if count < 0 { noteClosed(errno) }
      guard count > 0, !deadline.hasPassed else { return false }
      sent += count
    }
    return true
  }

  private func noteClosed(_ error: Int32) {
    if error == EPIPE || error == ECONNRESET { isClosedUnheard = !hasReceived }
  }

  private func makeRoom() {
    guard unread.lowerBound > 0 else { return }
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[unread]))
    unread = 0..<unread.count
  }

  /// Receives what there is, at least a byte: into `space` first, and what it cannot hold into the buffer.
  ///
  /// - Returns: how many bytes are in `space`; nil when the server is gone or silent, or the buffer is full.
  private func receive(first space: UnsafeMutableRawBufferPointer) -> Int? {
    if unread.isEmpty { unread = 0..<0 }
    let free = UnsafeMutableRawBufferPointer(rebasing: buffer[unread.upperBound...])
    guard space.count + free.count > 0 else { return nil }
    var count: Int
    repeat {
      var parts = (
        iovec(iov_base: space.baseAddress, iov_len: space.count), iovec(iov_base: free.baseAddress, iov_len: free.count)
      )
      count = withUnsafeBytes(of: &parts) { readv(socket, $0.baseAddress?.assumingMemoryBound(to: iovec.self), 2) }
    } while count < 0 && errno == EINTR
    if count == 0 { isClosedUnheard = !hasReceived }
    if count < 0 { noteClosed(errno) }
    guard count > 0, !deadline.hasPassed else { return nil }
    hasReceived = true
    unread = unread.lowerBound..<(unread.upperBound + max(0, count - space.count))
    return min(count, space.count)
  }

  private func connect() -> Bool {
    let connected = address.connect(milliseconds: patience.toConnect, hostNames: hostNames)
    guard let socket = connected else { return false }
    SocketTimeout.set(on: socket, milliseconds: patience.inSilence)
    self.socket = socket
    return true
  }
}
