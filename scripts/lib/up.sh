# shellcheck shell=bash
# `stack up`: from nothing, or from an instance that runs, to one that serves.

up() {
  local directory=$1
  shift
  local port=0 workers=4 sample=$CHECKOUT/sample binary='' dataset='' extra=() service
  WANTED=("${ALL_SERVICES[@]}")
  while [ $# -gt 0 ]; do
    case $1 in
      --services) IFS=', ' read -ra WANTED <<<"${2-}" ;;
      --port) port=${2-} ;;
      --workers) workers=${2-} ;;
      --sample) sample=${2-} ;;
      --binary) binary=${2-} ;;
      --dataset) dataset=${2-} ;;
      --set) extra+=("${2-}") ;;
      *) die "unknown option: $1" ;;
    esac
    [ $# -ge 2 ] || die "$1 needs a value"
    shift 2
  done
  check_services "${WANTED[@]}"
  number PORT "$port"
  number WORKERS "$workers"
  [ "$sample" != none ] || sample=''
  [ -z "$dataset" ] || [ -f "$dataset" ] || die "no such file: $dataset"
  if wanted pool; then
    [ -x "$binary" ] || die "no executable to serve with: ${binary:-(say --binary)}"
  fi
  ! wanted nginx || choose_port "$directory" "$port"

  make_instance "$directory"
  lock
  STARTED=()
  trap 'undo' EXIT
  for service in "${ALL_SERVICES[@]}"; do
    wanted "$service" || ! proc_pid "$service" >/dev/null || "stop_$service"
  done
  if wanted postgres; then
    ensure postgres
    create_schema
    load_sample "$sample"
  fi
  # What was computed from the rows before must not answer for those of now.
  ! proc_pid pool >/dev/null || stop_pool
  ! proc_pid memcached >/dev/null || stop_memcached
  ! wanted postgres || sql postgres -c "DROP DATABASE IF EXISTS $CACHE_DATABASE" -c "CREATE DATABASE $CACHE_DATABASE"
  [ -z "$dataset" ] || install_file "$dataset" "$DIR/dataset" 644
  write_settings "$workers" "${extra[@]}"
  ! wanted memcached || ensure memcached
  if wanted pool; then
    install_binary "$binary"
    ! wanted postgres || index_names
    ensure pool
  fi
  if wanted nginx; then
    if proc_pid nginx >/dev/null; then reload_nginx; else ensure nginx; fi
    await
  fi
  trap - EXIT
  write_env
}

wanted() {
  local service
  for service in "${WANTED[@]}"; do [ "$service" != "$1" ] || return 0; done
  return 1
}

ensure() {
  proc_pid "$1" >/dev/null && return
  STARTED+=("$1")
  "start_$1"
}

# After a failure: nothing stays that was not there before.
undo() {
  local i
  for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do "stop_${STARTED[i]}"; done
  write_env
}

# Sets PORT: the one asked for, which only this instance itself may hold; for 0 the one it has, or a free one.
choose_port() {
  local DIR=$1 held=''
  if [ -f "$DIR/settings" ] && proc_pid nginx >/dev/null; then
    held=$(setting NGINX_LISTEN)
    held=${held##*:}
  fi
  PORT=$2
  [ "$PORT" != 0 ] || PORT=${held:-$(free_port)}
  [ "$PORT" = "$held" ] || ! port_taken "$PORT" ||
    die "port $PORT is taken by another server; choose another (make run PORT=...)"
}

install_binary() { install_file "$1" "$DIR/bin" 755 linernotes; }

# A copy: the next build must not change what runs, and the owner of DIR may not be able to read the checkout. Renamed
# into its place, because running processes have the old one open.
install_file() {
  local file=$1 folder=$2 mode=$3 name=${4:-${1##*/}}
  as_owner mkdir -p "$folder"
  # Not through a link that the owner may have left there.
  cp --remove-destination "$file" "$folder/$name.new"
  chmod "$mode" "$folder/$name.new"
  mv -f "$folder/$name.new" "$folder/$name"
}

write_settings() {
  local workers=$1
  shift
  {
    printf '%s\n' "SOCKETS=$SOCKETS" "WORKERS=$workers"
    ! wanted postgres || printf '%s\n' "DATABASE__HOST=$SOCKETS" DATABASE__PORT=5432 \
      "DATABASE__DATABASE=$DATABASE" "DATABASE__USER=$DATABASE_USER"
    ! wanted postgres || printf '%s\n' "CACHE__POSTGRES_HOST=$SOCKETS" "CACHE__POSTGRES_DATABASE=$CACHE_DATABASE" \
      "CACHE__POSTGRES_USER=$DATABASE_USER"
    if wanted memcached; then
      printf '%s\n' "MEMCACHED_SERVERS=$SOCKETS/memcached"
    else
      printf '%s\n' MEMCACHED_SERVERS=
    fi
    # The store is here, not in the owner's home directory.
    wanted postgres || printf '%s\n' MUSICBRAINZ__SOURCE=webservice "STATE_DIRECTORY=$DIR/state"
    [ -z "$dataset" ] || printf '%s\n' "DATASET=$DIR/dataset/${dataset##*/}"
    ! wanted pool || printf '%s\n' "POOL_BINARY=$DIR/bin/linernotes" "POOL_SOCKET=$SOCKETS/pool"
    ! wanted nginx || printf '%s\n' "NGINX_LISTEN=127.0.0.1:$PORT"
    [ $# -eq 0 ] || printf '%s\n' "$@"
  } | write_private "$DIR/settings"
}
