# shellcheck shell=bash
# The MusicBrainz schema, from the SQL files that PyPI's mbdata package carries: fetched once, kept in the checkout.

TEMPLATE=musicbrainz_schema_${MBDATA_VERSION//./_}

# Sets MBDATA_SQL to the directory of the SQL files.
fetch_mbdata() {
  local download
  MBDATA_SQL=$CACHE/mbdata-$MBDATA_VERSION
  [ -e "$MBDATA_SQL/CreateTables.sql" ] && return
  say "fetching mbdata $MBDATA_VERSION, for the MusicBrainz schema"
  mkdir -p "$CACHE"
  download=$(mktemp -d "$CACHE/mbdata-XXXXXX")
  python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$download" "mbdata==$MBDATA_VERSION" ||
    { rm -rf "$download"; die "pip could not fetch mbdata $MBDATA_VERSION"; }
  python3 -m zipfile -e "$download"/mbdata-*.whl "$download/wheel"
  rm -rf "$MBDATA_SQL"
  chmod 755 "$download/wheel/mbdata/sql"
  mv "$download/wheel/mbdata/sql" "$MBDATA_SQL"
  rm -rf "$download"
}

# Creates the database that loads start from: tables, keys, functions and the indexes of a mirror. No foreign keys and no
# triggers, as on a mirror, so that a part of the rows can be loaded and in any order.
create_schema() {
  local output unfinished=${TEMPLATE}_unfinished MBDATA_SQL
  [ -z "$(sql postgres -Atc "SELECT 1 FROM pg_database WHERE datname = '$TEMPLATE'")" ] || return 0
  fetch_mbdata
  say 'creating the MusicBrainz schema'
  sql postgres -c "DROP DATABASE IF EXISTS $unfinished" -c "CREATE DATABASE $unfinished"
  output=$(cd "$MBDATA_SQL" && schema_script | sql "$unfinished" -o /dev/null 2>&1) || die "the MusicBrainz schema: $output"
  sql postgres -c "ALTER DATABASE $unfinished RENAME TO $TEMPLATE"
}

schema_script() {
  local part
  echo 'CREATE SCHEMA musicbrainz; CREATE SCHEMA cover_art_archive;'
  for part in Extensions CreateCollations CreateSearchConfiguration CreateTypes CreateTables CreateFunctions \
    CreatePrimaryKeys CreateIndexes CreateMirrorIndexes CreateViews caa/CreateTables caa/CreatePrimaryKeys \
    caa/CreateFunctions caa/CreateIndexes caa/CreateViews; do
    # Some parts set a search path for their own tables only.
    echo 'SET search_path = musicbrainz, public;'
    echo "\\i $part.sql"
  done
}
