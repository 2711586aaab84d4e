# shellcheck shell=bash
# Processes that belong to an instance directory: started detached, found again by pid file, and never mistaken for
# somebody else's. Sourced by bash scripts that have set DIR; everything runs as the owner of DIR.
#
# A pid file holds "PID START", START being the kernel's start time of the process (field 22 of /proc/PID/stat): a pid
# that the system has given to another process since has another start time, and is left alone.

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# The fields of /proc/PID/stat from the state on: the name before them may hold blanks and brackets.
proc_stat() {
  local line
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  printf '%s' "${line##*) }"
}

proc_start_time() {
  local fields
  fields=$(proc_stat "$1") || return 1
  # shellcheck disable=SC2086
  set -- $fields
  [ "$1" != Z ] && printf '%s' "${20}"
}

# The pid of service NAME, if it runs and is the process that we started.
proc_pid() {
  local pid start
  { read -r pid start <"$DIR/run/$1.pid"; } 2>/dev/null || return 1
  [ -n "$start" ] && [ "$(proc_start_time "$pid")" = "$start" ] && printf '%s' "$pid"
}

# Every process of service NAME, its leader first: its process group (it was started as the leader of its own) and all
# descendants, also those that outlived it. Nothing, if its pid now belongs to a stranger.
proc_members() {
  local leader start now
  { read -r leader start <"$DIR/run/$1.pid"; } 2>/dev/null || return 0
  [ -n "$start" ] || return 0
  now=$(proc_start_time "$leader") || now=
  [ -z "$now" ] || [ "$now" = "$start" ] || return 0
  cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) (.*) /\1 /' | awk -v leader="$leader" '
    $2 != "Z" { parent[$1] = $3; group[$1] = $4 }
    END {
      if (leader in parent) print leader
      member[leader] = 1
      do {
        grew = 0
        for (pid in parent)
          if (!(pid in member) && (group[pid] == leader || parent[pid] in member)) {
            member[pid] = grew = 1
            print pid
          }
      } while (grew)
    }'
}

# Signals every process of service NAME; the leader first, so that it starts no new ones.
proc_signal() {
  local pid
  for pid in $(proc_members "$1"); do kill -s "$2" "$pid" 2>/dev/null || true; done
}

# Sets OWNER to the command prefix that runs a command as the owner of DIR: servers do not run as root, and PostgreSQL
# refuses to.
owner_prefix() {
  local user group
  user=$(stat -L -c %u "$DIR") && group=$(stat -L -c %g "$DIR")
  [ "$user" != 0 ] || die "$DIR belongs to root; give it to the user that the servers shall run as (chown)"
  if [ "$(id -u)" = 0 ]; then
    OWNER=(env "HOME=$DIR" setpriv --reuid "$user" --regid "$group" --clear-groups --)
  elif [ "$(id -u)" = "$user" ]; then
    OWNER=(env)
  else
    die "$DIR belongs to another user ($(stat -L -c %U "$DIR"))"
  fi
}

as_owner() {
  local OWNER
  owner_prefix
  "${OWNER[@]}" "$@"
}

# Starts a command as service NAME: detached, in a process group of its own, output to log/NAME.log.
proc_start() {
  local name=$1 OWNER
  shift
  owner_prefix
  (
    # What a caller has open (a lock, make's job server, a test's pipe) is not for a daemon to hold.
    for fd in /proc/"$BASHPID"/fd/*; do
      fd=${fd##*/}
      [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    cd /
    # Logs hold addresses, and what the web server logs of requests that failed: for the owner alone.
    umask 077
    # Every step from this process to the server is an exec, so that the pid is the server's.
    # shellcheck disable=SC2016
    exec "${OWNER[@]}" setsid sh -c 'log=$1; shift; exec "$@" </dev/null >>"$log" 2>&1' sh "$DIR/log/$name.log" "$@"
  ) &
  rm -f "$DIR/run/$name.pid"
  # A new file or none: the owner of DIR must not lead root to another by a link.
  (set -C && printf '%s %s\n' "$!" "$(proc_start_time "$!")" >"$DIR/run/$name.pid")
}

# Ends service NAME: the signal to its leader, after SECONDS (or once the leader is gone) KILL to what is left.
proc_stop() {
  local name=$1 signal=$2 tries=$(($3 * 20)) pid
  if pid=$(proc_pid "$name"); then
    proc_signal "$name" CONT
    kill -s "$signal" "$pid" 2>/dev/null || true
    while [ "$tries" -gt 0 ] && proc_pid "$name" >/dev/null; do
      sleep 0.05
      tries=$((tries - 1))
    done
  fi
  proc_kill "$name"
}

# Ends service NAME at once, with everything it started.
proc_kill() {
  local tries=100
  proc_signal "$1" KILL
  while [ -n "$(proc_members "$1")" ] && [ "$tries" -gt 0 ]; do
    sleep 0.05
    tries=$((tries - 1))
  done
  rm -f "$DIR/run/$1.pid"
}

# Waits up to SECONDS for a command to succeed, as long as service NAME lives; else its log's tail, and failure.
proc_wait() {
  local name=$1 tries=$(($2 * 20)) seconds=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    proc_pid "$name" >/dev/null || { proc_fail "$name" 'ended'; return 1; }
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { proc_fail "$name" "was not ready after $seconds s"; return 1; }
    sleep 0.05
  done
}

proc_fail() {
  {
    printf '%s: %s %s; the end of %s:\n' "${0##*/}" "$1" "$2" "$DIR/log/$1.log"
    tail -n 20 "$DIR/log/$1.log" 2>/dev/null | sed 's/^/  /'
  } >&2
}
