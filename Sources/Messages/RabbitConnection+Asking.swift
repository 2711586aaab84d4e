internal import CAMQP
internal import Core
internal import Glibc

extension RabbitConnection {
  /// Declares a durable exchange.
  ///
  /// - Parameter type: nil only looks whether it is there.
  func declareExchange(_ name: String, type: String?) throws(RabbitFailure) {
    RabbitConnection.withBytes(name) { name in
      RabbitConnection.withBytes(type ?? "") { kind in
        _ = library.declareExchange(state, channel, name, kind, type == nil ? 1 : 0, 1, 0, 0, amqp_table_t())
      }
    }
    try checkReply("declare an exchange")
  }

  /// Declares a durable queue.
  ///
  /// - Parameters:
  ///   - isThere: only looks whether it is.
  ///   - longest: how many messages it holds; the oldest make room. nil for no limit.
  func declareQueue(_ name: String, isThere: Bool = false, longest: Int32? = nil) throws(RabbitFailure) {
    RabbitConnection.withBytes(name) { name in
      RabbitConnection.withBytes("x-max-length") { key in
        var limit = amqp_field_value_t()
        limit.kind = UInt8(AMQP_FIELD_KIND_I32.rawValue)
        limit.value.i32 = longest ?? 0
        var entry = amqp_table_entry_t(key: key, value: limit)
        withUnsafeMutablePointer(to: &entry) { entry in
          let arguments = amqp_table_t(num_entries: longest == nil ? 0 : 1, entries: entry)
          _ = library.declareQueue(state, channel, name, isThere ? 1 : 0, 1, 0, 0, arguments)
        }
      }
    }
    try checkReply("declare a queue")
  }

  func bind(_ queue: String, to exchange: String, key: String) throws(RabbitFailure) {
    RabbitConnection.withBytes(queue) { queue in
      RabbitConnection.withBytes(exchange) { exchange in
        RabbitConnection.withBytes(key) { key in
          _ = library.bindQueue(state, channel, queue, exchange, key, amqp_table_t())
        }
      }
    }
    try checkReply("bind a queue")
  }

  /// How many messages the broker may hand over before the first of them is acknowledged.
  func setPrefetch(_ count: Int) throws(RabbitFailure) {
    _ = library.setQuality(state, channel, 0, UInt16(clamping: count), 1)
    try checkReply("set the prefetch")
  }

  /// Has the messages of a queue delivered, under this tag.
  func consume(_ queue: String, as tag: String) throws(RabbitFailure) {
    RabbitConnection.withBytes(queue) { queue in
      RabbitConnection.withBytes(tag) { tag in
        _ = library.consume(state, channel, queue, tag, 0, 0, 0, amqp_table_t())
      }
    }
    try checkReply("consume a queue")
  }

  /// Acknowledges a message.
  ///
  /// - Parameter allBefore: and all those before it.
  func acknowledge(_ tag: UInt64, allBefore: Bool) throws(RabbitFailure) {
    let status = library.acknowledge(state, channel, tag, allBefore ? 1 : 0)
    guard status == AMQP_STATUS_OK.rawValue else { throw failure(status, "acknowledge") }
  }

  /// Publishes a message that survives a restart of the broker, with a note.
  ///
  /// - Parameter exchange: the empty one puts it into the queue that the key names.
  func publish(
    _ body: [UInt8], to exchange: String = "", key: String, note: (name: String, text: String)
  ) throws(RabbitFailure) {
    let status = RabbitConnection.withBytes(exchange) { exchange in
      RabbitConnection.withBytes(key) { key in
        publish(body, exchange, key, note)
      }
    }
    guard status == AMQP_STATUS_OK.rawValue else { throw failure(status, "publish") }
  }

  private func publish(
    _ body: [UInt8], _ exchange: amqp_bytes_t, _ key: amqp_bytes_t, _ note: (name: String, text: String)
  ) -> Int32 {
    RabbitConnection.withBytes(note.name) { name in
      RabbitConnection.withBytes(note.text) { text in
        var value = amqp_field_value_t()
        value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
        value.value.bytes = text
        var entry = amqp_table_entry_t(key: name, value: value)
        return withUnsafeMutablePointer(to: &entry) { entry in
          var properties = amqp_basic_properties_t()
          properties._flags = LINERNOTES_AMQP_HAS_HEADERS | LINERNOTES_AMQP_HAS_DELIVERY_MODE
          properties.headers = amqp_table_t(num_entries: 1, entries: entry)
          properties.delivery_mode = 2
          return RabbitConnection.withBytes(body) { body in
            library.publish(state, channel, exchange, key, 0, 0, &properties, body)
          }
        }
      }
    }
  }
}
