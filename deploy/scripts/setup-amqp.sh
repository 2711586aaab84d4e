#!/usr/bin/env bash
# Makes what `linernotes listen` needs of RabbitMQ: a virtual host, a user that may do little, the exchange search.index
# with the queues search.index.artist and search.index.album, and the queue of messages that nobody can understand. Where
# there is an exchange `search` of MusicBrainz' search index, also a queue of our own that gets a copy of what it gets.
# What is there already stays as it is.
#
#   setup-amqp.sh [OPTION]...
#       --vhost NAME        the virtual host, /
#       --user NAME         the user, linernotes
#       --exchange NAME     RABBITMQ__EXCHANGE, search.index
#       --artist-queue NAME, --album-queue NAME
#                           search.index.artist, search.index.album
#       --index-exchange NAME   the search index' exchange, search; it is never made
#       --url URL           RabbitMQ's HTTP API, such as http://localhost:15672; without it rabbitmqctl is used, which
#                           has to run on the broker's machine as root or as its user
#
# The user's password comes from RABBITMQ__PASSWORD_FILE or RABBITMQ__PASSWORD. Without one, a user that is there keeps
# its own. With --url, RABBITMQ_ADMIN_USER and RABBITMQ_ADMIN_PASSWORD (or …_FILE) say who asks. No password is in a
# command line.
set -euo pipefail

say() { printf '%s\n' "$*"; }
die() {
  printf 'setup-amqp.sh: %s\n' "$*" >&2
  exit 1
}
usage() { sed -n '2,/^set -eu/{/^#/s/^# \{0,1\}//p}' "$0"; }

vhost=/ user=linernotes exchange=search.index artists=search.index.artist albums=search.index.album index=search url=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit ;;
    --vhost | --user | --exchange | --artist-queue | --album-queue | --index-exchange | --url)
      [ -n "${2-}" ] || die "$1 what?" ;;
    *) die "not understood: $1 (see --help)" ;;
  esac
  case $1 in
    --vhost) vhost=$2 ;;
    --user) user=$2 ;;
    --exchange) exchange=$2 ;;
    --artist-queue) artists=$2 ;;
    --album-queue) albums=$2 ;;
    --index-exchange) index=$2 ;;
    --url) url=${2%/} ;;
  esac
  shift 2
done
for name in "$vhost" "$user" "$exchange" "$artists" "$albums" "$index"; do
  [[ $name =~ ^[A-Za-z0-9._:/-]+$ ]] || die "not a name that this can write: $name"
done
for queue in "$artists" "$albums"; do
  case $queue in search.index | search.delete | search.retry | search.failed)
    die "$queue is a queue of the search index itself: what is taken out of it is lost to the index" ;;
  esac
done

secret() {
  local file value
  file=$1_FILE
  value=${!1-}
  if [ -n "${!file-}" ]; then value=$(cat -- "${!file}"); fi
  printf '%s' "$value"
}

# A text as JSON has it.
json() {
  local text=$1
  [[ $text != *[[:cntrl:]]* ]] || die 'a password has a control character'
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# A name in a regular expression.
literal() { printf '%s' "${1//./\\.}"; }

password=$(secret RABBITMQ__PASSWORD)
ours=linernotes.index dead=linernotes.dead

if [ -n "$url" ]; then
  command -v curl >/dev/null || die 'curl is not here'
  admin=$(secret RABBITMQ_ADMIN_PASSWORD)
  # curl reads who asks from a pipe.
  ask() {
    local method=$1 path=$2
    shift 2
    printf 'user = %s\n' "$(json "${RABBITMQ_ADMIN_USER:-guest}:$admin")" |
      curl -K - --noproxy '*' -sS -m 30 -f -X "$method" -H 'Content-Type: application/json' "$@" "$url/api/$path"
  }
  encoded_vhost=${vhost//\//%2F}
  ask GET overview >/dev/null || die "$url does not let us in"
  has_vhost() { ask GET "vhosts/$encoded_vhost" >/dev/null 2>&1; }
  has_user() { ask GET "users/$user" >/dev/null 2>&1; }
  has_exchange() { ask GET "exchanges/$encoded_vhost/$1" >/dev/null 2>&1; }
  has_queue() { ask GET "queues/$encoded_vhost/$1" >/dev/null 2>&1; }
  take() { ask POST definitions --data-binary @/dev/fd/3 3<<<"$1" >/dev/null; }
else
  command -v rabbitmqctl >/dev/null || die 'rabbitmqctl is not here: give --url'
  rabbitmqctl -q status >/dev/null 2>&1 || die 'rabbitmqctl does not reach a broker: is it running, and are you root?'
  has() { grep -qxF -- "$1"; }
  has_vhost() { rabbitmqctl -q list_vhosts --no-table-headers name | has "$vhost"; }
  has_user() { rabbitmqctl -q list_users --no-table-headers | cut -f 1 | has "$user"; }
  has_exchange() { rabbitmqctl -q list_exchanges -p "$vhost" --no-table-headers name | has "$1"; }
  has_queue() { rabbitmqctl -q list_queues -p "$vhost" --no-table-headers name | has "$1"; }
  take() { rabbitmqctl -q import_definitions <<<"$1" >/dev/null; }
fi

list=()
section() {
  local IFS=,
  [ ${#list[@]} -eq 0 ] || printf ',"%s":[%s]' "$1" "${list[*]}"
}
binding() {
  printf '{"source":"%s","vhost":"%s","destination":"%s","destination_type":"queue","routing_key":"%s","arguments":{}}' \
    "$1" "$vhost" "$2" "$3"
}
queue() {
  printf '{"name":"%s","vhost":"%s","durable":true,"auto_delete":false,"arguments":{%s}}' "$1" "$vhost" "$2"
}

had_vhost=yes
has_vhost || had_vhost=''
definitions='{"vhosts":[{"name":"'$vhost'"}]'

if [ -n "$password" ]; then
  definitions+=',"users":[{"name":"'$user'","password":'$(json "$password")',"tags":""}]'
elif ! has_user; then
  die "there is no user $user yet: its password is to be in RABBITMQ__PASSWORD_FILE or RABBITMQ__PASSWORD"
fi

# It makes and binds its own queues alone, publishes to the dead only, and reads what is meant for it.
read_names="$(literal "$artists")|$(literal "$albums")|linernotes\\..*|$(literal "$index")"
definitions+=',"permissions":[{"user":"'$user'","vhost":"'$vhost'","configure":"^linernotes\\..*$"'
definitions+=',"write":"^(amq\\.default|linernotes\\..*)$","read":"^('${read_names//\\/\\\\}')$"}]'

list=()
if [ -z "$had_vhost" ] || ! has_exchange "$exchange"; then
  list=('{"name":"'"$exchange"'","vhost":"'"$vhost"'","type":"direct","durable":true,"auto_delete":false,"internal":false,"arguments":{}}')
fi
definitions+=$(section exchanges)

has_index=''
[ -z "$had_vhost" ] || ! has_exchange "$index" || has_index=yes
list=()
add_queue() { if [ -z "$had_vhost" ] || ! has_queue "$1"; then list+=("$(queue "$1" "$2")"); fi; }
add_queue "$artists" ''
add_queue "$albums" ''
# While nobody listens, the oldest may go: the change feed tells of them as well.
add_queue "$dead" '"x-max-length":10000'
[ -z "$has_index" ] || add_queue "$ours" '"x-max-length":200000'
definitions+=$(section queues)

list=("$(binding "$exchange" "$artists" artist)" "$(binding "$exchange" "$artists" "$artists")"
  "$(binding "$exchange" "$albums" album)" "$(binding "$exchange" "$albums" "$albums")")
if [ -n "$has_index" ]; then
  for key in index update delete; do list+=("$(binding "$index" "$ours" "$key")"); done
fi
definitions+="$(section bindings)}"

take "$definitions" || die 'the broker did not take it'
say "virtual host $vhost, user $user, exchange $exchange with $artists and $albums, $dead${has_index:+, $ours}: there"
