internal import CAMQP
internal import Core

/// librabbitmq, opened by whoever listens to messages.
struct RabbitLibrary {
  static let name = SharedLibrary.Name("librabbitmq", files: ["librabbitmq.so.4"], debianPackage: "librabbitmq4")

  let newConnection: linernotes_amqp_new_connection
  let destroyConnection: linernotes_amqp_destroy_connection
  let closeConnection: linernotes_amqp_connection_close
  let newTCPSocket: linernotes_amqp_tcp_socket_new
  let newTLSSocket: linernotes_amqp_ssl_socket_new
  let setAuthorities: linernotes_amqp_ssl_socket_set_cacert
  let setVerifiesPeer: linernotes_amqp_ssl_socket_set_verify_peer
  let setVerifiesHost: linernotes_amqp_ssl_socket_set_verify_hostname
  let openSocket: linernotes_amqp_socket_open_noblock
  let socketDescriptor: linernotes_amqp_get_sockfd
  let setHandshakeTimeout: linernotes_amqp_set_handshake_timeout
  let setReplyTimeout: linernotes_amqp_set_rpc_timeout
  let login: UnsafeMutableRawPointer
  let reply: linernotes_amqp_get_rpc_reply
  let openChannel: linernotes_amqp_channel_open
  let declareExchange: linernotes_amqp_exchange_declare
  let declareQueue: linernotes_amqp_queue_declare
  let bindQueue: linernotes_amqp_queue_bind
  let setQuality: linernotes_amqp_basic_qos
  let consume: linernotes_amqp_basic_consume
  let waitFrame: linernotes_amqp_simple_wait_frame_noblock
  let releaseBuffers: linernotes_amqp_maybe_release_buffers
  let sendMethod: linernotes_amqp_send_method
  let acknowledge: linernotes_amqp_basic_ack
  let publish: linernotes_amqp_basic_publish
  let errorText: linernotes_amqp_error_string2

  /// librabbitmq 0.9, of 2018, is the first that has all of this.
  init() throws(LibraryFailure) {
    let library = try SharedLibrary(RabbitLibrary.name)
    newConnection = try library.function("amqp_new_connection")
    destroyConnection = try library.function("amqp_destroy_connection")
    closeConnection = try library.function("amqp_connection_close")
    newTCPSocket = try library.function("amqp_tcp_socket_new")
    newTLSSocket = try library.function("amqp_ssl_socket_new")
    setAuthorities = try library.function("amqp_ssl_socket_set_cacert")
    setVerifiesPeer = try library.function("amqp_ssl_socket_set_verify_peer")
    setVerifiesHost = try library.function("amqp_ssl_socket_set_verify_hostname")
    openSocket = try library.function("amqp_socket_open_noblock")
    socketDescriptor = try library.function("amqp_get_sockfd")
    setHandshakeTimeout = try library.function("amqp_set_handshake_timeout")
    setReplyTimeout = try library.function("amqp_set_rpc_timeout")
    login = try library.address(of: "amqp_login_with_properties")
    reply = try library.function("amqp_get_rpc_reply")
    openChannel = try library.function("amqp_channel_open")
    declareExchange = try library.function("amqp_exchange_declare")
    declareQueue = try library.function("amqp_queue_declare")
    bindQueue = try library.function("amqp_queue_bind")
    setQuality = try library.function("amqp_basic_qos")
    consume = try library.function("amqp_basic_consume")
    waitFrame = try library.function("amqp_simple_wait_frame_noblock")
    releaseBuffers = try library.function("amqp_maybe_release_buffers")
    sendMethod = try library.function("amqp_send_method")
    acknowledge = try library.function("amqp_basic_ack")
    publish = try library.function("amqp_basic_publish")
    errorText = try library.function("amqp_error_string2")
  }
}
