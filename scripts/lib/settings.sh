# shellcheck shell=bash disable=SC2034
# Where things are, and what scripts agree on. Sourced; needs nothing.

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=$CHECKOUT/.run/.cache
MBDATA_VERSION=31.0.1
DATABASE=musicbrainz
DATABASE_USER=musicbrainz
CACHE_DATABASE=linernotes_cache

number() {
  case $2 in '' | *[!0-9]*) die "$1: a number is needed, not \"$2\"" ;; esac
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port tries=100
  while [ "$tries" -gt 0 ]; do
    # Below the range that the kernel gives to outgoing connections.
    port=$((20000 + RANDOM % 12000))
    port_taken "$port" || { printf '%s' "$port"; return; }
    tries=$((tries - 1))
  done
  die 'found no free port'
}

# Sets DIRECTORY to where an instance of `make run` lives.
instance_directory() {
  case $1 in
    '' | [!a-z0-9]* | *[!a-z0-9-]*) die "INSTANCE: lower-case letters, digits and hyphens, not \"$1\"" ;;
  esac
  DIRECTORY=$CHECKOUT/.run/$1
}
