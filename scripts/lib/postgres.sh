# shellcheck shell=bash
# A private PostgreSQL: a cluster of its own in DIR/postgres that listens on a unix socket only.

postgres_bin() {
  local found
  if found=$(command -v initdb); then
    dirname "$(readlink -f "$found")"
    return
  fi
  # Debian keeps the servers of all versions out of PATH; the newest will do.
  # shellcheck disable=SC2012
  found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || die 'PostgreSQL is not installed (no initdb)'
  dirname "$found"
}

# psql as this user over the private socket, whatever the environment says about other servers.
sql() {
  local database=$1
  shift
  env -u PGSERVICE -u PGHOSTADDR PGCLIENTENCODING=UTF8 PGOPTIONS='-c client_min_messages=warning' \
    psql -X -q -v ON_ERROR_STOP=1 -h "$SOCKETS" -p 5432 -U "$DATABASE_USER" -d "$database" "$@"
}

start_postgres() {
  local bin output
  bin=$(postgres_bin)
  if [ ! -e "$DIR/postgres/PG_VERSION" ]; then
    say 'creating a database cluster'
    rm -rf "$DIR/postgres"
    # Trust: the socket is in a directory that only its owner may enter.
    output=$(as_owner "$bin/initdb" -D "$DIR/postgres" -U "$DATABASE_USER" --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
      --no-sync 2>&1) || die "initdb: $output"
  elif [ "$(cat "$DIR/postgres/PG_VERSION")" != "$("$bin/postgres" -V | sed 's/[^0-9]*\([0-9]*\).*/\1/')" ]; then
    die "$DIR/postgres was made by another version of PostgreSQL; remove the instance and start again"
  fi
  proc_kill postgres # backends that outlived their postmaster
  # The data can be had again, so nothing waits for the disk.
  proc_start postgres "$bin/postgres" -D "$DIR/postgres" -k "$SOCKETS" -p 5432 -c listen_addresses= \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200 -c jit=off \
    -c timezone=UTC -c log_timezone=UTC -c log_min_messages=warning
  proc_wait postgres 30 sql postgres -c 'SELECT 1'
}

# "fast": sessions are ended, so that it does not wait for the pool.
stop_postgres() { proc_stop postgres INT 20; }
