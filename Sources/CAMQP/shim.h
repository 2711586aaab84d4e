#ifndef LINERNOTES_CAMQP_H
#define LINERNOTES_CAMQP_H
/* Types and constants only: nothing links with librabbitmq. RabbitLibrary opens it where messages are listened to. */
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

/* The types of the functions, as the headers declare them. */
typedef __typeof__(amqp_basic_ack) *linernotes_amqp_basic_ack;
typedef __typeof__(amqp_basic_consume) *linernotes_amqp_basic_consume;
typedef __typeof__(amqp_basic_publish) *linernotes_amqp_basic_publish;
typedef __typeof__(amqp_basic_qos) *linernotes_amqp_basic_qos;
typedef __typeof__(amqp_channel_open) *linernotes_amqp_channel_open;
typedef __typeof__(amqp_connection_close) *linernotes_amqp_connection_close;
typedef __typeof__(amqp_destroy_connection) *linernotes_amqp_destroy_connection;
typedef __typeof__(amqp_error_string2) *linernotes_amqp_error_string2;
typedef __typeof__(amqp_exchange_declare) *linernotes_amqp_exchange_declare;
typedef __typeof__(amqp_get_rpc_reply) *linernotes_amqp_get_rpc_reply;
typedef __typeof__(amqp_get_sockfd) *linernotes_amqp_get_sockfd;
typedef __typeof__(amqp_maybe_release_buffers) *linernotes_amqp_maybe_release_buffers;
typedef __typeof__(amqp_new_connection) *linernotes_amqp_new_connection;
typedef __typeof__(amqp_queue_bind) *linernotes_amqp_queue_bind;
typedef __typeof__(amqp_queue_declare) *linernotes_amqp_queue_declare;
typedef __typeof__(amqp_send_method) *linernotes_amqp_send_method;
typedef __typeof__(amqp_set_handshake_timeout) *linernotes_amqp_set_handshake_timeout;
typedef __typeof__(amqp_set_rpc_timeout) *linernotes_amqp_set_rpc_timeout;
typedef __typeof__(amqp_simple_wait_frame_noblock) *linernotes_amqp_simple_wait_frame_noblock;
typedef __typeof__(amqp_socket_open_noblock) *linernotes_amqp_socket_open_noblock;
typedef __typeof__(amqp_ssl_socket_new) *linernotes_amqp_ssl_socket_new;
typedef __typeof__(amqp_ssl_socket_set_cacert) *linernotes_amqp_ssl_socket_set_cacert;
typedef __typeof__(amqp_ssl_socket_set_verify_hostname) *linernotes_amqp_ssl_socket_set_verify_hostname;
typedef __typeof__(amqp_ssl_socket_set_verify_peer) *linernotes_amqp_ssl_socket_set_verify_peer;
typedef __typeof__(amqp_tcp_socket_new) *linernotes_amqp_tcp_socket_new;

/* Swift cannot call a function with a variable number of arguments. */
static inline amqp_rpc_reply_t linernotes_amqp_log_in(void *login_with_properties, amqp_connection_state_t state,
    const char *virtual_host, int channels, int frame_bytes, int heartbeat, const amqp_table_t *properties,
    const char *user, const char *password) {
  return ((__typeof__(amqp_login_with_properties) *)login_with_properties)(
      state, virtual_host, channels, frame_bytes, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

/* Macros with casts are not imported into Swift. */
static const amqp_method_number_t LINERNOTES_AMQP_DELIVER = AMQP_BASIC_DELIVER_METHOD;
static const amqp_method_number_t LINERNOTES_AMQP_CHANNEL_CLOSE = AMQP_CHANNEL_CLOSE_METHOD;
static const amqp_method_number_t LINERNOTES_AMQP_CHANNEL_CLOSE_OK = AMQP_CHANNEL_CLOSE_OK_METHOD;
static const amqp_method_number_t LINERNOTES_AMQP_CONNECTION_CLOSE = AMQP_CONNECTION_CLOSE_METHOD;
static const amqp_method_number_t LINERNOTES_AMQP_CANCEL = AMQP_BASIC_CANCEL_METHOD;
static const uint8_t LINERNOTES_AMQP_FRAME_METHOD = AMQP_FRAME_METHOD;
static const uint8_t LINERNOTES_AMQP_FRAME_HEADER = AMQP_FRAME_HEADER;
static const uint8_t LINERNOTES_AMQP_FRAME_BODY = AMQP_FRAME_BODY;
static const amqp_flags_t LINERNOTES_AMQP_HAS_HEADERS = AMQP_BASIC_HEADERS_FLAG;
static const amqp_flags_t LINERNOTES_AMQP_HAS_DELIVERY_MODE = AMQP_BASIC_DELIVERY_MODE_FLAG;
#endif
