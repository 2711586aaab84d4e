internal import CAMQP
internal import Core
internal import Glibc

/// A connection to a broker. Owns it, and closes it when it goes away.
///
/// librabbitmq has no thread of its own: heartbeats are sent and looked for while something is received.
final class RabbitConnection {
  struct Target {
    /// A host name, or an address that it has.
    var host: String
    var port: Int
    var virtualHost: String
    var user: String
    var password: String
    /// In seconds; 0 for none.
    var heartbeat: Int
    /// A file of certificates to trust; nil for a connection without encryption.
    var authorities: String?
  }

  let library: RabbitLibrary
  let state: amqp_connection_state_t
  /// The one that was opened last.
  private(set) var channel: amqp_channel_t = 0
  private var isOpen = false
  /// What has come of the message under way.
  var incoming: IncomingMessage?

  /// How long to wait for a connection to one address, and for the answer to one question, in milliseconds.
  private static let (connectMilliseconds, replyMilliseconds) = (3_000, 5_000)
  /// A broker's own limit may be 2,047, and RabbitMQ refuses whoever asks for more, or for no limit.
  static let channels: Int32 = 100
  private static let frameBytes: Int32 = 131_072
  /// How long what was sent may remain without the other machine's receipt, in milliseconds.
  private static let unheardMilliseconds: Int32 = 30_000

  /// Connects and logs in.
  init(_ library: RabbitLibrary, to target: Target) throws(RabbitFailure) {
    guard let state = library.newConnection() else { throw RabbitFailure(.connection, "out of memory") }
    self.library = library
    self.state = state
    var patience = RabbitConnection.time(milliseconds: RabbitConnection.replyMilliseconds)
    _ = library.setHandshakeTimeout(state, &patience)
    _ = library.setReplyTimeout(state, &patience)
    try connect(to: target)
    try logIn(to: target)
    isOpen = true
    try openChannel()
  }

  deinit {
    // "amqp_destroy_connection … will also close the socket"; saying goodbye takes an answer, which a live broker gives
    // at once.
    if isOpen { _ = library.closeConnection(state, Int32(AMQP_REPLY_SUCCESS)) }
    _ = library.destroyConnection(state)
  }

  private func connect(to target: Target) throws(RabbitFailure) {
    let socket = target.authorities == nil ? library.newTCPSocket(state) : library.newTLSSocket(state)
    guard let socket else { throw RabbitFailure(.connection, "out of memory") }
    if let authorities = target.authorities {
      library.setVerifiesPeer(socket, 1)
      library.setVerifiesHost(socket, 1)
      guard library.setAuthorities(socket, authorities) == AMQP_STATUS_OK.rawValue else {
        throw RabbitFailure(.connection, "the file of certificates cannot be read")
      }
    }
    var patience = RabbitConnection.time(milliseconds: RabbitConnection.connectMilliseconds)
    let status = library.openSocket(socket, target.host, Int32(target.port), &patience)
    guard status == AMQP_STATUS_OK.rawValue else { throw failure(status, "connect") }
    let descriptor = library.socketDescriptor(state)
    var milliseconds = RabbitConnection.unheardMilliseconds
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<Int32>.size))
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  private func logIn(to target: Target) throws(RabbitFailure) {
    // Brokers tell only those that a queue has been deleted who say that they want to know.
    let answer = RabbitConnection.withBytes("consumer_cancel_notify") { name in
      var wish = amqp_field_value_t()
      wish.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
      wish.value.boolean = 1
      var capability = amqp_table_entry_t(key: name, value: wish)
      return withUnsafeMutablePointer(to: &capability) { capability in
        RabbitConnection.withBytes("capabilities") { name in
          var capabilities = amqp_field_value_t()
          capabilities.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
          capabilities.value.table = amqp_table_t(num_entries: 1, entries: capability)
          var property = amqp_table_entry_t(key: name, value: capabilities)
          return withUnsafeMutablePointer(to: &property) { property in
            var properties = amqp_table_t(num_entries: 1, entries: property)
            return linernotes_amqp_log_in(
              library.login, state, target.virtualHost, RabbitConnection.channels, RabbitConnection.frameBytes,
              Int32(target.heartbeat), &properties, target.user, target.password)
          }
        }
      }
    }
    try check(answer, "log in")
  }

  /// Opens another channel, which takes the place of the one before: what a broker refuses ends the channel.
  func openChannel() throws(RabbitFailure) {
    guard channel < RabbitConnection.channels else { throw RabbitFailure(.connection, "too many refusals") }
    channel += 1
    _ = library.openChannel(state, channel)
    try checkReply("open a channel")
  }

  // MARK: - Answers

  func checkReply(_ what: StaticString) throws(RabbitFailure) {
    let answer = library.reply(state)
    defer { library.releaseBuffers(state) }
    try check(answer, what)
  }

  func check(_ answer: amqp_rpc_reply_t, _ what: StaticString) throws(RabbitFailure) {
    switch answer.reply_type {
    case AMQP_RESPONSE_NORMAL: return
    case AMQP_RESPONSE_SERVER_EXCEPTION: throw refusal(answer.reply, what)
    case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw failure(answer.library_error, what)
    default: throw RabbitFailure(.connection, "\(what): the broker closed the connection")
    }
  }

  /// What the broker says when it closes a channel or the connection.
  func refusal(_ method: amqp_method_t, _ what: StaticString) -> RabbitFailure {
    guard let decoded = method.decoded else { return RabbitFailure(.connection, "\(what): refused") }
    switch method.id {
    case LINERNOTES_AMQP_CHANNEL_CLOSE:
      let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
      let text = RabbitFailure.words(RabbitConnection.bytes(close.reply_text))
      var confirmation = amqp_channel_close_ok_t()
      _ = library.sendMethod(state, channel, LINERNOTES_AMQP_CHANNEL_CLOSE_OK, &confirmation)
      return RabbitFailure(.refused(code: Int(close.reply_code)), "\(what): \(text)")
    case LINERNOTES_AMQP_CONNECTION_CLOSE:
      let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
      return RabbitFailure(
        .connection, "\(what): \(RabbitFailure.words(RabbitConnection.bytes(close.reply_text)))")
    default: return RabbitFailure(.connection, "\(what): refused")
    }
  }

  func failure(_ status: Int32, _ what: StaticString) -> RabbitFailure {
    RabbitFailure(.connection, "\(what): \(library.errorText(status).map { String(cString: $0) } ?? "error \(status)")")
  }

  /// Has it end without a goodbye: whoever has sent garbage, or nothing, does not answer that either.
  func abandon() { isOpen = false }

  // MARK: - Bytes

  static func bytes(_ bytes: amqp_bytes_t) -> [UInt8] {
    guard let start = bytes.bytes else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: bytes.len))
  }

  static func withBytes<Answer>(_ text: String, _ body: (amqp_bytes_t) -> Answer) -> Answer {
    withBytes(Array(text.utf8), body)
  }

  static func withBytes<Answer>(_ bytes: [UInt8], _ body: (amqp_bytes_t) -> Answer) -> Answer {
    bytes.withUnsafeBytes { buffer in
      // librabbitmq only reads it.
      body(amqp_bytes_t(len: buffer.count, bytes: UnsafeMutableRawPointer(mutating: buffer.baseAddress)))
    }
  }

  static func time(milliseconds: Int) -> timeval {
    timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
  }
}
