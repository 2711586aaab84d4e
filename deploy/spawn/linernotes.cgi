#!/bin/sh
# Plain CGI, for shared hosting where no process may stay: one start per request. Put this and .htaccess (htaccess.example)
# into the folder under which the API shall answer, the executable where the web server does not serve it, and the
# settings below. Build it with `swift build -c release --static-swift-stdlib`.
LINERNOTES=$HOME/linernotes/linernotes

# Some hosts start CGI programs without HOME.
[ -x "$LINERNOTES" ] || LINERNOTES=$(dirname "$0")/../linernotes/linernotes

export SWIFT_BACKTRACE=enable=no
export DATABASE__HOST=localhost DATABASE__DATABASE=musicbrainz DATABASE__USER=musicbrainz
# None: the default is a port of this machine, where another customer's may listen.
export MEMCACHED_SERVERS=

exec "$LINERNOTES" serve
