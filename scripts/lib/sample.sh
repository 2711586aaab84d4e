# shellcheck shell=bash
# Rows: a folder of TSV files, a file a table, in PostgreSQL's COPY text format with a header line.

# Loads a folder (or nothing, if it is empty) into a new database that then takes the place of the one in use. A folder
# that cannot be loaded leaves that one as it is.
load_sample() {
  local folder=$1 new=${DATABASE}_new script output
  sql postgres -c "DROP DATABASE IF EXISTS $new WITH (FORCE)" -c "CREATE DATABASE $new TEMPLATE $TEMPLATE"
  if [ -n "$folder" ]; then
    script=$(copy_script "$folder" "$new") || return 1
    output=$(sql "$new" 2>&1 <<<"$script") ||
      die "cannot load $(sed -n 's/^reading //p' <<<"$output" | tail -n 1):"$'\n'"$(grep -v '^reading ' <<<"$output")"
  fi
  sql "$new" -c ANALYZE
  sql postgres -c "DROP DATABASE IF EXISTS $DATABASE WITH (FORCE)" -c "ALTER DATABASE $new RENAME TO $DATABASE"
}

# Prints the psql script that loads every *.tsv of a folder, in one transaction.
copy_script() {
  local folder=$1 database=$2 tables file quoted name header
  [ -d "$folder" ] || die "no such folder: $folder"
  folder=$(cd "$folder" && pwd)
  tables=" $(sql "$database" -At -R ' ' -c "
    SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('musicbrainz', 'cover_art_archive')") "
  echo 'BEGIN;'
  for file in "$folder"/*.tsv; do
    [ -e "$file" ] || die "no *.tsv in $folder"
    name=${file##*/}
    name=${name%.tsv}
    case $name in *.*) ;; *) name=musicbrainz.$name ;; esac
    case $tables in *" $name "*) ;; *) die "$file: there is no table $name" ;; esac
    { IFS= read -r header || [ -n "$header" ]; } <"$file" || die "$file: is empty, not even a header line"
    header=${header%$'\r'}
    [[ $header =~ ^[a-z0-9_]+($'\t'[a-z0-9_]+)*$ ]] || die "$file: the first line is not a list of columns"
    quoted="'${file//\'/\'\'}'"
    echo "\\qecho reading $quoted"
    echo "\\copy $name (\"${header//$'\t'/\", \"}\") FROM $quoted WITH (FORMAT text, HEADER)"
  done
  echo 'COMMIT;'
}
