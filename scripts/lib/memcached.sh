# shellcheck shell=bash
# A private memcached on a unix socket.

start_memcached() {
  rm -f "$SOCKETS/memcached"
  proc_start memcached memcached -s "$SOCKETS/memcached" -a 0700 -m 64 -c 1024
  proc_wait memcached 10 test -S "$SOCKETS/memcached"
}

stop_memcached() {
  proc_stop memcached TERM 5
  rm -f "$SOCKETS/memcached"
}
