# shellcheck shell=bash
# An instance directory: settings in, processes out. Sourced by start, stop, reload and status, with DIR as "$1".
#
#   DIR/settings   KEY=value lines, never run by a shell. POOL_* and NGINX_* are read here (deploy/nginx/render explains
#                  NGINX_*); the pool gets all of them as environment, so what linernotes is configured by goes in, too:
#                    POOL_BINARY       the executable (required)
#                    POOL_SOCKET       DIR/pool.sock
#                    POOL_SOCKET_MODE  0600; 0660 where nginx runs as another user of the same group
#                    WORKERS           processes in the pool, 4
#                    NGINX_LISTEN      address:port of the private nginx; without it none is started
#                  It may hold passwords: keep it at mode 600.
#   DIR/run        pid files
#   DIR/log        pool.log, nginx.log, access.log; for the owner alone
#   DIR/nginx      the rendered configuration and nginx's temporary files
#
# Everything runs as the owner of DIR.

spawn_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/spawn/process.sh
. "$spawn_home/process.sh"

# The value of KEY in DIR/settings, or a default.
setting() {
  local line value=${2-}
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in "$1="*) value=${line#*=} ;; esac
  done <"$DIR/settings"
  printf '%s' "$value"
}

# Sets SETTINGS to the lines of DIR/settings that are settings.
read_settings() {
  local line
  SETTINGS=()
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '' | '#'*) ;;
      [A-Za-z_]*=*) SETTINGS+=("$line") ;;
      *) die "$DIR/settings: not KEY=value: $line" ;;
    esac
  done <"$DIR/settings"
}

open_instance() {
  [ -d "${1-}" ] || die "no such instance directory: ${1-}"
  DIR=$(cd "$1" && pwd -P)
  [ -r "$DIR/settings" ] || die "$DIR/settings is missing"
  as_owner mkdir -p "$DIR/run" "$DIR/log" "$DIR/nginx"
  as_owner chmod 700 "$DIR/log"
}

# Sets SERVICES to those named, or to all that the settings ask for.
choose_services() {
  SERVICES=("$@")
  if [ $# -eq 0 ]; then
    SERVICES=(pool)
    [ -z "$(setting NGINX_LISTEN)" ] || SERVICES+=(nginx)
  fi
  local service
  for service in "${SERVICES[@]}"; do
    case $service in pool | nginx) ;; *) die "no such service: $service (pool, nginx)" ;; esac
  done
}

start_pool() {
  local binary socket
  local -a SETTINGS
  binary=$(setting POOL_BINARY)
  socket=$(setting POOL_SOCKET "$DIR/pool.sock")
  [ -n "$binary" ] || die "$DIR/settings: POOL_BINARY is missing"
  as_owner test -x "$binary" || die "POOL_BINARY: not executable for the owner of $DIR: $binary"
  [ "${#socket}" -le 107 ] || die "POOL_SOCKET: longer than the 107 bytes that a unix socket's path may have: $socket"
  proc_kill pool # workers that outlived their master
  rm -f "$socket"
  read_settings
  (
    # By export, not by arguments: those are for everybody to see, and settings hold passwords. A backtrace in
    # production would hold the connection of the request that crashed for seconds.
    export SWIFT_BACKTRACE=enable=no "${SETTINGS[@]}"
    proc_start pool "$binary" serve \
      --socket "$socket" --workers "$(setting WORKERS 4)" --socket-mode "$(setting POOL_SOCKET_MODE 0600)"
  )
  proc_wait pool 20 test -S "$socket"
}

stop_pool() {
  proc_stop pool TERM 35 # the master gives its workers 30
  rm -f "$(setting POOL_SOCKET "$DIR/pool.sock")"
}

reload_pool() { kill -s HUP "$(proc_pid pool)"; }

render_nginx() {
  local -a SETTINGS arguments=("POOL_SOCKET=$DIR/pool.sock" WORKERS=4)
  local line
  read_settings
  # What follows from the pool's own settings comes first, so that NGINX_* has the last word.
  for line in "${SETTINGS[@]}"; do
    case $line in
      READ_API_KEYS=?* | READ_API_KEYS_FILE=?*) arguments+=(NGINX_KEYS=on) ;;
      COVER_ART_ARCHIVE_BASE_URL=?*) arguments+=("$line") ;;
      MUSICBRAINZ__CONTACT=?*) arguments+=("NGINX_USER_AGENT=Linernotes (image cache; ${line#*=})") ;;
    esac
  done
  for line in "${SETTINGS[@]}"; do
    case $line in POOL_SOCKET=* | WORKERS=* | CORS_ORIGINS=* | NGINX_*) arguments+=("$line") ;; esac
  done
  # In it are answers, keys that were let in, and the socket of the image cache.
  as_owner mkdir -p "$DIR/nginx/state"
  as_owner chmod 700 "$DIR/nginx/state"
  "$spawn_home/../nginx/render" "$DIR/nginx" "${arguments[@]}" "NGINX_STATE=$DIR/nginx/state" "NGINX_LOG=$DIR/log"
}

nginx_command() {
  local binary
  binary=$(PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin command -v nginx) || die 'nginx is not installed'
  NGINX=("$binary" -p "$DIR/nginx" -c "$DIR/nginx/nginx.conf")
  # From 1.19.5 on: the log before the configuration is read, which would be one in /var/log.
  if "$binary" -h 2>&1 | grep -q -e '-e filename'; then NGINX+=(-e stderr); fi
}

check_nginx() {
  local answer
  # It creates the logs where they are missing.
  answer=$(umask 077 && as_owner "${NGINX[@]}" -t 2>&1) || die "nginx refuses its configuration:"$'\n'"$answer"
}

start_nginx() {
  local -a NGINX
  [ -n "$(setting NGINX_LISTEN)" ] || die "$DIR/settings: NGINX_LISTEN is missing"
  render_nginx
  nginx_command
  check_nginx
  # One that was killed leaves both, and nginx does not start where its socket is already.
  rm -f "$DIR/nginx/state/nginx.pid" "$DIR/nginx/state/images.sock"
  proc_start nginx "${NGINX[@]}"
  proc_wait nginx 10 test -s "$DIR/nginx/state/nginx.pid"
}

stop_nginx() { proc_stop nginx QUIT 10; }

# Returns once no process with the old settings accepts connections any more.
reload_nginx() {
  local -a NGINX
  local master pid old
  render_nginx
  nginx_command
  check_nginx
  master=$(proc_pid nginx)
  old=$(proc_members nginx | sed 1d)
  kill -s HUP "$master"
  for pid in $old; do proc_wait nginx 10 retired "$pid"; done
}

retired() { [ ! -e "/proc/$1/cmdline" ] || grep -q 'shutting down' "/proc/$1/cmdline"; }
