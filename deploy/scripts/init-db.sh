#!/usr/bin/env bash
# Makes the PostgreSQL database of the store, with two roles: an owner that lays out tables, and one for the pool, which
# reads and writes rows and can do nothing else. What is there already stays.
#
#   init-db.sh [OPTION]...
#       --database NAME     the database, linernotes
#       --owner ROLE        whose the tables are, linernotes_owner
#       --user ROLE         what the pool connects as, linernotes
#       --linernotes FILE   the executable that lays out the tables; default: the one in PATH
#       --no-tables         leaves the tables to be laid out later
#
# It connects as libpq does: PGHOST, PGPORT, PGUSER, PGPASSFILE and so on say where and as whom. That has to be somebody
# who may create roles and databases, such as postgres.
#
# The roles' passwords come from files or the environment, and are in no command line: LINERNOTES_OWNER_PASSWORD_FILE or
# LINERNOTES_OWNER_PASSWORD, LINERNOTES_PASSWORD_FILE or LINERNOTES_PASSWORD. Without one a role gets none, and what it
# has stays as it is.
#
# Run it once more after an upgrade whose notes say that the layout of the store has changed.
set -euo pipefail

say() { printf '%s\n' "$*"; }
die() {
  printf 'init-db.sh: %s\n' "$*" >&2
  exit 1
}
usage() { sed -n '2,/^set -eu/{/^#/s/^# \{0,1\}//p}' "$0"; }

database=linernotes owner=linernotes_owner user=linernotes executable='' with_tables=yes
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit ;;
    --no-tables) with_tables=''; shift; continue ;;
    --database | --owner | --user | --linernotes) [ -n "${2-}" ] || die "$1 what?" ;;
    *) die "not understood: $1 (see --help)" ;;
  esac
  case $1 in
    --database) database=$2 ;;
    --owner) owner=$2 ;;
    --user) user=$2 ;;
    --linernotes) executable=$2 ;;
  esac
  shift 2
done
[ "$owner" != "$user" ] || die 'the owner and the user have to be two roles'
command -v psql >/dev/null || die 'psql is not here (Debian: postgresql-client)'

# A password as psql reads it: through a variable of the environment that only its own process has.
password_of() {
  local file value
  file=$1_FILE
  value=${!1-}
  if [ -n "${!file-}" ]; then value=$(cat -- "${!file}"); fi
  printf '%s' "$value"
}
owner_password=$(password_of LINERNOTES_OWNER_PASSWORD)
user_password=$(password_of LINERNOTES_PASSWORD)

run() {
  local where=$1
  shift
  PGOPTIONS="-c client_min_messages=warning ${PGOPTIONS-}" psql -X -q -v ON_ERROR_STOP=1 -d "$where" \
    -v database="$database" -v owner="$owner" -v user="$user" "$@"
}

# \gexec runs what a query answers; format() quotes names.
run postgres <<'SQL'
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name)
FROM unnest(ARRAY[:'owner', :'user']) AS role (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
-- Only a member of a role may give it a database.
SELECT format('GRANT %I TO CURRENT_USER', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolname = :'owner')) \gexec
SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SQL

set_password() {
  [ -n "$2" ] || return 0
  # The statement must not be in the server's log either; whoever may not keep it out goes on.
  NEW_PASSWORD=$2 run postgres -v role="$1" <<'SQL'
\set ON_ERROR_STOP off
\o /dev/null
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\o
\set ON_ERROR_STOP on
\set password `printf %s "$NEW_PASSWORD"`
SELECT format('ALTER ROLE %I PASSWORD %L', :'role', :'password') \gexec
SQL
}
set_password "$owner" "$owner_password"
set_password "$user" "$user_password"

run "$database" <<'SQL'
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'database') \gexec
-- Ids are copied into a temporary table first.
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', :'database', :'user') \gexec
SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC' WHERE to_regnamespace('public') IS NOT NULL \gexec
-- For whatever the owner lays out from now on, the search index included.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE ON SCHEMAS TO :"user";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"user";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE, SELECT ON SEQUENCES TO :"user";
-- For what is there already. Tables that another role has laid out become the owner's.
SELECT format('ALTER SCHEMA %I OWNER TO %I', nspname, :'owner')
FROM pg_namespace
WHERE nspname IN ('cache', 'linernotes_search') \gexec
SELECT format('ALTER %s %s OWNER TO %I', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass, :'owner')
FROM pg_class
WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('cache', 'linernotes_search'))
  AND (relkind IN ('r', 'p') OR (relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('a', 'i')))) \gexec
SELECT format(grants, nspname, :'user')
FROM pg_namespace
CROSS JOIN (VALUES
  ('GRANT USAGE ON SCHEMA %I TO %I'),
  ('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I'),
  ('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I')
) AS every (grants)
WHERE nspname IN ('cache', 'linernotes_search') \gexec
SQL

if [ -z "$with_tables" ]; then
  say "database $database, roles $owner and $user: there; the tables have yet to be laid out"
  exit
fi
[ -n "$executable" ] || executable=$(command -v linernotes) ||
  die 'there is no linernotes in PATH to lay out the tables: give --linernotes FILE, or --no-tables'
(
  # Whatever else is configured in this shell is not meant.
  unset CONFIG_FILE CACHE__POSTGRES_URL CACHE__POSTGRES_PASSWORD_FILE
  export CACHE__POSTGRES_HOST=${PGHOST:-/var/run/postgresql} CACHE__POSTGRES_DATABASE=$database
  export CACHE__POSTGRES_PORT=${PGPORT:-5432} CACHE__POSTGRES_USER=$owner CACHE__POSTGRES_PASSWORD=$owner_password
  exec "$executable" store prepare
)
say "database $database, roles $owner and $user: there, with the tables of the store"
