# shellcheck shell=bash
# The search index: in a database beside that of MusicBrainz, as the durable cache's is in production.

# Builds the search index with the instance's executable; --refresh takes over what has changed.
index_names() {
  local output
  local -a SETTINGS
  read_settings
  output=$(export "${SETTINGS[@]}" && as_owner "$DIR/bin/linernotes" search-index "$@" 2>&1) ||
    die "search-index: $output"
}
