# shellcheck shell=bash
# The directory of an instance: whose it is, whether that user can reach it, and where its sockets are.

# Sets DIR to the instance's real directory, which must exist.
find_instance() {
  [ -n "${1-}" ] || die 'which instance directory?'
  [ -f "$1/settings" ] || die "no instance in $1"
  DIR=$(readlink -f "$1")
  SOCKETS=$(setting SOCKETS)
}

# The same, and creates it where there is none. As root, the servers run as the user who called sudo, else as nobody; if
# that user cannot reach the place (a checkout under /root), a directory in /var/tmp takes it, with a symlink to it.
make_instance() {
  local asked=$1 user=''
  [ -n "$asked" ] || die 'which instance directory?'
  mkdir -p "$(dirname "$asked")"
  asked=$(cd "$(dirname "$asked")" && pwd)/${asked##*/}
  if [ "$(id -u)" = 0 ]; then
    user=${SUDO_USER:-nobody}
    [ "$user" != root ] || user=nobody
  fi
  [ ! -L "$asked" ] || [ -d "$asked" ] || rm -f "$asked"
  if [ ! -d "$asked" ]; then
    mkdir -m 755 "$asked"
    if [ -n "$user" ]; then
      chown "$user:$(id -g "$user")" "$asked"
      DIR=$asked
      if ! (cd / && as_owner test -w "$(readlink -f "$asked")"); then
        rmdir "$asked"
        DIR=$(mktemp -d /var/tmp/linernotes-XXXXXX)
        chmod 755 "$DIR"
        chown "$user:$(id -g "$user")" "$DIR"
        ln -s "$DIR" "$asked"
        say "$user cannot reach $asked, so its files are in $DIR"
      fi
    fi
  elif [ ! -f "$asked/settings" ] && [ -n "$(ls -A "$asked/")" ]; then
    die "$asked is not empty, and not an instance"
  fi
  DIR=$(readlink -f "$asked")
  as_owner mkdir -p "$DIR/run" "$DIR/log"
  as_owner chmod 700 "$DIR/log"
  make_sockets
  [ -f "$DIR/settings" ] || printf 'SOCKETS=%s\n' "$SOCKETS" | write_private "$DIR/settings"
}

# Replaces a file by what comes in, for the owner of DIR alone to read: settings hold passwords. No link there leads root
# to another file.
write_private() {
  rm -f "$1.new"
  (umask 077 && set -C && cat >"$1.new")
  [ "$(id -u)" != 0 ] || chown -h --reference="$DIR" "$1.new"
  mv -f "$1.new" "$1"
}

# Sets SOCKETS to a directory that only the owner may enter, with a path short enough for every socket in it: a unix
# socket's path may have 107 bytes.
make_sockets() {
  SOCKETS=$DIR/sockets
  if [ "$((${#SOCKETS} + ${#longest_socket}))" -gt 107 ]; then
    SOCKETS=
    [ ! -f "$DIR/settings" ] || SOCKETS=$(setting SOCKETS)
    if [ ! -d "$SOCKETS" ]; then
      SOCKETS=$(as_owner mktemp -d "${TMPDIR:-/tmp}/linernotes-XXXXXX" 2>/dev/null) ||
        SOCKETS=$(as_owner mktemp -d /tmp/linernotes-XXXXXX)
      if [ "$((${#SOCKETS} + ${#longest_socket}))" -gt 107 ]; then
        rmdir "$SOCKETS"
        SOCKETS=$(as_owner mktemp -d /tmp/linernotes-XXXXXX)
      fi
    fi
  fi
  as_owner mkdir -p -m 700 "$SOCKETS"
}
longest_socket=/.s.PGSQL.5432.lock

# Takes the directory of an instance away, once nothing runs in it.
remove_instance() {
  local asked=$1
  case $SOCKETS in "$DIR"/*) ;; /*/linernotes-??????) rm -rf "$SOCKETS" ;; esac
  rm -rf "$DIR"
  rm -rf "$asked"
}
