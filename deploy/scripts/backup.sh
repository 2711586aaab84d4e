#!/usr/bin/env bash
# Backs the store up, while it is in use, and puts a backup back.
#
#   backup.sh [--directory DIR] [--keep N]   writes DIR/linernotes-TIME.db or .dump; with --keep, only the last N stay
#   backup.sh --check FILE                   whether a backup is whole
#   backup.sh --restore FILE                 puts it in the place of the store; what was there before is lost in
#                                            PostgreSQL, and set aside beside the file with SQLite
#
# Which store is meant is what the server's settings say: CACHE__POSTGRES_URL, in the environment or, with
# --config FILE, in a file of lines KEY=value. Or tell: --sqlite FILE; --postgres, and PGHOST, PGDATABASE, PGUSER,
# PGPASSFILE and so on as libpq reads them. A password is never in a command line.
#
# Backups belong to whoever makes them, and nobody else may read them (mode 0600). One that is not whole never has its
# final name. Of PostgreSQL the schema `cache` is saved, by its owner; the search index is made again by
# `linernotes search-index`.
set -euo pipefail
umask 077

say() { printf '%s\n' "$*"; }
die() {
  printf 'backup.sh: %s\n' "$*" >&2
  exit 1
}
usage() { sed -n '2,/^set -eu/{/^#/s/^# \{0,1\}//p}' "$0"; }

directory=. keep='' action=backup file='' kind='' store=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit ;;
    --postgres) kind=postgres; shift; continue ;;
    --directory | --keep | --check | --restore | --sqlite | --config) [ -n "${2-}" ] || die "$1 what?" ;;
    *) die "not understood: $1 (see --help)" ;;
  esac
  case $1 in
    --directory) directory=$2 ;;
    --keep) keep=$2 ;;
    --check | --restore) action=${1#--} file=$2 ;;
    --sqlite) kind=sqlite store=$2 ;;
    --config)
      [ -r "$2" ] || die "cannot read $2"
      CACHE__POSTGRES_URL=$(sed -n 's/^ *CACHE__POSTGRES_URL *= *//p' "$2" | tail -n 1)
      ;;
  esac
  shift 2
done
[[ $keep =~ ^([1-9][0-9]*)?$ ]] || die "--keep $keep: not a number"

# --- Which store

decoded() { printf '%b' "${1//%/\\x}"; }

# libpq reads no URL from the environment, and a command line is everybody's to read: so it is taken apart.
read_url() {
  local pattern='^postgres(ql)?://(([^:@/]*)(:([^@/]*))?@)?([^/?]*)(/([^?]*))?(\?(.*))?$' hosts='' ports='' part pair
  [[ $1 =~ $pattern ]] || die 'CACHE__POSTGRES_URL is not understood: use --postgres and PGHOST, PGDATABASE, PGUSER'
  local user=${BASH_REMATCH[3]} password=${BASH_REMATCH[5]} list=${BASH_REMATCH[6]} name=${BASH_REMATCH[8]}
  local query=${BASH_REMATCH[10]}
  [ -z "$user" ] || PGUSER=$(decoded "$user") PGDATABASE=$PGUSER
  [ -z "$password" ] || PGPASSWORD=$(decoded "$password")
  [ -z "$name" ] || PGDATABASE=$(decoded "$name")
  local -a parts
  IFS=, read -ra parts <<<"$list"
  for part in "${parts[@]}"; do
    if [[ $part =~ ^(\[.*\]|[^:]*):([0-9]+)$ ]]; then
      hosts+=,${BASH_REMATCH[1]} ports+=,${BASH_REMATCH[2]}
    else
      hosts+=,$part ports+=,5432
    fi
  done
  [ -z "$list" ] || PGHOST=$(decoded "${hosts#,}") PGPORT=${ports#,}
  IFS='&' read -ra parts <<<"$query"
  for pair in "${parts[@]}"; do
    case $pair in
      host=*) PGHOST=$(decoded "${pair#*=}") ;;
      port=*) PGPORT=$(decoded "${pair#*=}") ;;
      dbname=*) PGDATABASE=$(decoded "${pair#*=}") ;;
      user=*) PGUSER=$(decoded "${pair#*=}") ;;
      password=*) PGPASSWORD=$(decoded "${pair#*=}") ;;
      sslmode=*) export PGSSLMODE=${pair#*=} ;;
      sslrootcert=*) PGSSLROOTCERT=$(decoded "${pair#*=}") && export PGSSLROOTCERT ;;
    esac
  done
  export PGUSER PGPASSWORD PGDATABASE PGHOST PGPORT
}

find_store() {
  [ -z "$kind" ] || return 0
  local url=${CACHE__POSTGRES_URL-}
  case $url in
    sqlite:///:memory:) die 'the store is in memory' ;;
    sqlite:////*) kind=sqlite store=/${url#sqlite:////} ;;
    sqlite:*) die 'CACHE__POSTGRES_URL has no absolute path: give --sqlite FILE' ;;
    postgres*) kind=postgres && read_url "$url" ;;
    *) die 'which store? Give CACHE__POSTGRES_URL, --config FILE, --sqlite FILE, or --postgres' ;;
  esac
}

# --- SQLite

query() { sqlite3 -batch -bail -cmd '.timeout 30000' "$@"; }
quoted() { printf "'%s'" "${1//\'/\'\'}"; }
# In the header of every store.
application=1281969775

check_sqlite() {
  local found
  command -v sqlite3 >/dev/null || die 'sqlite3 is not here'
  found=$(query -readonly "$1" 'PRAGMA application_id; PRAGMA integrity_check(1)' 2>&1) || true
  [ "$found" = "$application"$'\n'ok ] || die "$1 is no whole backup of a store: ${found//$'\n'/, }"
}

backup_sqlite() {
  [ -f "$store" ] || die "there is no store: $store"
  command -v sqlite3 >/dev/null || die 'sqlite3 is not here'
  query "$store" "VACUUM INTO $(quoted "$1")"
  check_sqlite "$1"
}

restore_sqlite() {
  local aside suffix
  copy=$store.restoring-$$
  check_sqlite "$file"
  trap 'rm -f "$copy" "$copy-journal"' EXIT
  cp -- "$file" "$copy"
  # Nothing that is being computed now may be taken for older than what is restored, and nobody has a lease any more.
  query "$copy" "PRAGMA journal_mode = DELETE; BEGIN;
    UPDATE revision SET value = max(value, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER));
    DELETE FROM note; COMMIT" >/dev/null
  check_sqlite "$copy"
  chown --reference="$(if [ -e "$store" ]; then printf %s "$store"; else dirname -- "$store"; fi)" -- "$copy" 2>/dev/null ||
    true
  sync -- "$copy"
  (
    # The server sets a file aside under the same lock.
    flock -w 30 9 || die 'the store is being laid out'
    aside=$store.before-$(date -u +%Y%m%dT%H%M%SZ)
    # The log first: it must not be laid over another file.
    for suffix in -wal -shm -journal ''; do
      [ ! -e "$store$suffix" ] || mv -- "$store$suffix" "$aside$suffix"
    done
    mv -- "$copy" "$store"
    [ ! -e "$aside" ] || say "what was there before: $aside"
  ) 9>>"$store-lock"
  chown --reference="$store" -- "$store-lock" 2>/dev/null || true
}

# --- PostgreSQL

check_postgres() {
  command -v pg_restore >/dev/null || die 'pg_restore is not here (Debian: postgresql-client)'
  # All of it is read: the list alone is at the beginning.
  pg_restore --schema=cache -f /dev/null -- "$1" 2>/dev/null || die "$1 is no whole backup"
  # Not grep -q, which would end pg_restore with a broken pipe.
  pg_restore -l -- "$1" | grep 'TABLE DATA cache document' >/dev/null || die "$1 is no backup of a store"
}

backup_postgres() {
  command -v pg_dump >/dev/null || die 'pg_dump is not here (Debian: postgresql-client)'
  # Leases are in a table that is not logged, and worth nothing later.
  pg_dump -Fc --schema=cache --no-unlogged-table-data --lock-wait-timeout=30s -f "$1"
  check_postgres "$1"
}

restore_postgres() {
  check_postgres "$file"
  {
    cat <<'SQL'
BEGIN;
SET LOCAL lock_timeout = '30s';
DO $$
DECLARE last bigint := 0;
BEGIN
  IF to_regclass('cache.revision') IS NOT NULL THEN EXECUTE 'SELECT last_value FROM cache.revision' INTO last; END IF;
  PERFORM set_config('linernotes.last_revision', last::text, true);
END
$$;
DROP SCHEMA IF EXISTS cache CASCADE;
CREATE SCHEMA cache;
SQL
    # Without the last line nothing has happened.
    pg_restore --schema=cache --no-owner --no-privileges -f - -- "$file" && cat <<'SQL'
-- Nothing that is being computed now may be taken for older than what is restored.
SELECT pg_catalog.setval('cache.revision', greatest(last_value, current_setting('linernotes.last_revision')::bigint))
FROM cache.revision;
COMMIT;
SQL
  } |
    PGOPTIONS="-c client_min_messages=warning ${PGOPTIONS-}" psql -X -q -v ON_ERROR_STOP=1 -o /dev/null
}

# --- What is to be done

case $action in
  check)
    [ -f "$file" ] || die "there is no $file"
    case $(head -c 6 -- "$file") in
      SQLite) check_sqlite "$file" ;;
      PGDMP*) check_postgres "$file" ;;
      *) die "$file is no backup" ;;
    esac
    say "$file is whole"
    ;;
  restore)
    [ -f "$file" ] || die "there is no $file"
    find_store
    case $(head -c 6 -- "$file") in
      SQLite) [ "$kind" = sqlite ] || die 'this is a backup of a SQLite store' ;;
      PGDMP*) [ "$kind" = postgres ] || die 'this is a backup of a PostgreSQL store' ;;
      *) die "$file is no backup" ;;
    esac
    "restore_$kind"
    say "restored from $file"
    ;;
  backup)
    find_store
    [ -d "$directory" ] || die "there is no directory $directory"
    ending=dump
    [ "$kind" = postgres ] || ending=db
    final=$directory/linernotes-$(date -u +%Y%m%dT%H%M%SZ).$ending
    [ ! -e "$final" ] || die "there is a backup of this very second"
    part=$directory/.linernotes-$$.part
    trap 'rm -f "$part" "$part-journal"' EXIT
    rm -f -- "$part"
    "backup_$kind" "$part"
    chmod 600 -- "$part"
    sync -- "$part"
    mv -- "$part" "$final"
    say "$final"
    if [ -n "$keep" ]; then
      # Names are in the order of time.
      backups=("$directory"/linernotes-????????T??????Z."$ending")
      for ((i = 0; i < ${#backups[@]} - keep; i++)); do rm -f -- "${backups[i]}"; done
    fi
    ;;
esac
