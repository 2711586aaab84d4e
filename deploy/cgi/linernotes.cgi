#!/bin/sh
# Starts Linernotes for one request (plain CGI), or as a FastCGI process if this file is named linernotes.fcgi. Only this
# file and .htaccess lie where the web server serves files. The executable, the settings and the store lie together in a
# folder outside, named "linernotes": /home/me/linernotes for /home/me/public_html/music/linernotes.cgi.
#
# docs/SHARED-HOSTING.md says what to upload. If the folder is elsewhere, name it here:
folder=

# The client parses the body of every answer, so an error of this script is JSON as well.
fail() {
  printf 'linernotes.cgi: %s\n' "$1" >&2
  printf 'Status: 500 Internal Server Error\r\nContent-Type: application/json\r\nCache-Control: no-cache\r\n\r\n'
  printf '{"error":"Internal server error"}'
  exit 1
}

# Without HOME, which many servers do not pass on: the first folder named "linernotes" beside this file or above it that
# holds the executable. Only what the shell does itself, because each program it starts costs a millisecond.
script=${SCRIPT_FILENAME:-$0}
case $script in /*) ;; *) script=$PWD/$script ;; esac
above=${script%/*}
while [ -z "$folder" ] && [ -n "$above" ]; do
  [ -x "$above/linernotes/linernotes" ] && [ ! -d "$above/linernotes/linernotes" ] && folder=$above/linernotes
  above=${above%/*}
done
[ -n "$folder" ] && [ -x "$folder/linernotes" ] || fail 'no executable: upload it to a folder "linernotes" beside the document root'
# Somebody could download what lies in the document root.
case $folder/ in
  "${DOCUMENT_ROOT:-/nowhere}"/*) fail "$folder is in the document root: move it out" ;;
esac

umask 077
# Whatever a client has sent is in a variable whose name begins with HTTP_, so none of these comes from one.
[ -e "$folder/settings.yml" ] && export CONFIG_FILE="$folder/settings.yml"
export STATE_DIRECTORY="${STATE_DIRECTORY:-$folder/store}"
export SWIFT_BACKTRACE=enable=no

exec "$folder/linernotes" serve
