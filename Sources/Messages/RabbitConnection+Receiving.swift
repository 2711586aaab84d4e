internal import CAMQP
internal import Core
internal import Glibc

/// A message that was delivered.
struct Delivery: Equatable {
  var tag: UInt64
  /// Which queue it came from: see ``RabbitConnection/consume(_:as:)``.
  var consumer: String
  /// Whether it was delivered before, and not acknowledged.
  var isRedelivered: Bool
  var routingKey: String
  /// The beginning of its body, ``IncomingMessage/mostBytes`` at most.
  var body: [UInt8]
  var isCut = false
}

/// A message of which all has not come yet.
struct IncomingMessage {
  /// Longer ones than this are none that anybody means to send.
  static let mostBytes = 1 << 16

  var delivery: Delivery
  /// How many bytes of its body are still to come; nil before the broker has said how many there are.
  var bytesLeft: UInt64?
}

extension RabbitConnection {
  /// Waits for the next message.
  ///
  /// The frames that a message comes in are put together here: `amqp_consume_message` takes no time-out behind the first,
  /// and makes room for as long a body as the broker announces.
  ///
  /// - Returns: nil when none has come in time.
  func receive(milliseconds: Int) throws(RabbitFailure) -> Delivery? {
    let deadline = Deadline.after(milliseconds: milliseconds)
    repeat {
      var frame = amqp_frame_t()
      var patience = RabbitConnection.time(milliseconds: deadline.millisecondsLeft)
      let status = library.waitFrame(state, &frame, &patience)
      if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
      guard status == AMQP_STATUS_OK.rawValue else { throw failure(status, "receive") }
      // What the frame points to lives until here; all of it has been copied by then.
      defer { library.releaseBuffers(state) }
      if let delivery = try take(frame) { return delivery }
    } while !deadline.hasPassed
    return nil
  }

  private func take(_ frame: amqp_frame_t) throws(RabbitFailure) -> Delivery? {
    guard frame.channel == channel || frame.channel == 0 else { return nil }
    switch frame.frame_type {
    case LINERNOTES_AMQP_FRAME_METHOD: try begin(frame.payload.method)
    case LINERNOTES_AMQP_FRAME_HEADER:
      guard incoming != nil, incoming?.bytesLeft == nil else { throw misplaced }
      incoming?.bytesLeft = frame.payload.properties.body_size
    case LINERNOTES_AMQP_FRAME_BODY:
      let part = frame.payload.body_fragment
      guard let left = incoming?.bytesLeft, left >= part.len else { throw misplaced }
      incoming?.bytesLeft = left - UInt64(part.len)
      append(part)
    default: return nil
    }
    guard let message = incoming, message.bytesLeft == 0 else { return nil }
    incoming = nil
    return message.delivery
  }

  private func begin(_ method: amqp_method_t) throws(RabbitFailure) {
    switch method.id {
    case LINERNOTES_AMQP_DELIVER:
      guard incoming == nil, let decoded = method.decoded else { throw misplaced }
      let deliver = decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
      incoming = IncomingMessage(
        delivery: Delivery(
          tag: deliver.delivery_tag,
          consumer: String(decoding: RabbitConnection.bytes(deliver.consumer_tag), as: UTF8.self),
          isRedelivered: deliver.redelivered != 0,
          routingKey: String(decoding: RabbitConnection.bytes(deliver.routing_key), as: UTF8.self), body: []))
    case LINERNOTES_AMQP_CHANNEL_CLOSE, LINERNOTES_AMQP_CONNECTION_CLOSE: throw refusal(method, "receive")
    // A queue has been deleted: with a new connection it is declared again.
    case LINERNOTES_AMQP_CANCEL: throw RabbitFailure(.connection, "receive: a queue is gone")
    default: break
    }
  }

  private func append(_ part: amqp_bytes_t) {
    guard let start = part.bytes, let have = incoming?.delivery.body.count else { return }
    let room = min(part.len, IncomingMessage.mostBytes - have)
    incoming?.delivery.body.append(contentsOf: UnsafeRawBufferPointer(start: start, count: room))
    if room < part.len { incoming?.delivery.isCut = true }
  }

  private var misplaced: RabbitFailure { RabbitFailure(.connection, "receive: frames in no order") }
}
