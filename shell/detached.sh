#!/usr/bin/env bash
# Runs a program so that it outlives whoever started it, and once only for each folder; tells how it ended.
#
#   detached.sh run DIR KEY BYTES CWD PROGRAM [ARG...]  starts it unless DIR has it already, and follows it to its end
#   detached.sh kill DIR KEY                            ends all of it; nothing running is fine
#   detached.sh discard DIR KEY                         the same, and removes DIR
#
# Standard input, BYTES long, is the program's; it is never written to a file. While `run` follows, the program's standard
# error comes as it is written; at the end "exit CODE" or "gone" and a line break, then its standard output.
#
# DIR holds: lock (held as long as the run is looked after), run (the session's number, and the boot it belongs to),
# stdout, stderr, exit (written last), cancelled. A run that is recorded, has no exit and whose lock is free has
# ended without saying how: it was killed, or the host went down. It is not started again.
set -u
umask 077

self=${BASH_SOURCE[0]}
readonly self output_limit=8388700 grace_seconds=5

run() { # DIR KEY BYTES CWD PROGRAM...
  local dir=$1 key=$2
  mkdir -p -- "$dir"
  exec 9>>"$dir/lock"
  if flock -n 9 && [[ ! -e $dir/run ]]; then start "$@"; fi
  exec 9>&-
  follow "$dir" "$key"
}

# Job control makes `setsid` fork, and leaves the program's interrupt signals alone. The substitution ends when the
# supervisor closes its standard output: the run is recorded then.
start() { # DIR KEY BYTES CWD PROGRAM...
  : >>"$1/stdout"
  : >>"$1/stderr"
  : "$(
    set -m
    VENEER_DETACHED=$2 setsid bash "$self" supervise "$@" <&0 2>>"$1/stderr" &
  )"
}

# In a session of its own, with the lock on descriptor 9. Only a whole input counts: who sent it may have died.
supervise() { # DIR KEY BYTES CWD PROGRAM...
  local dir=$1 bytes=$3 cwd=$4 input boot
  shift 4
  local LC_ALL=C
  IFS= read -r -d '' input || true
  ((${#input} == bytes)) || return 1
  unset -v LC_ALL
  trap : TERM INT HUP
  read -r boot </proc/sys/kernel/random/boot_id
  put "$dir/run" "$$ $boot"
  exec >/dev/null
  [[ ! -e $dir/cancelled ]] || return 1
  if ! cd -- "$cwd"; then
    put "$dir/exit" 126
    return
  fi
  printf '%s' "$input" 9>&- | "$@" >"$dir/stdout" 9>&-
  put "$dir/exit" "${PIPESTATUS[1]}"
}

put() { # FILE TEXT: all of it or nothing
  printf '%s\n' "$2" >"$1.new"
  mv -f -- "$1.new" "$1"
}

follow() { # DIR KEY
  local dir=$1 key=$2 waiter code=
  exec 8<"$dir/lock"
  if flock -sn 8; then
    cat -- "$dir/stderr" >&2
  else
    flock -s 8 &
    waiter=$!
    tail -n +1 -f -s 0.1 --pid="$waiter" -- "$dir/stderr" >&2
    wait "$waiter"
  fi
  [[ ! -e $dir/exit ]] || read -r code <"$dir/exit"
  if [[ $code =~ ^[0-9]+$ ]]; then
    printf 'exit %s\n' "$code"
    head -c "$output_limit" -- "$dir/stdout"
  else
    end_rest "$dir" "$key"
    printf 'gone\n'
  fi
}

# A supervisor that has not recorded its run yet sees `cancelled` after it did.
end() { # DIR KEY
  local dir=$1 key=$2 session boot
  [[ -d $dir ]] || return 0
  : >"$dir/cancelled"
  exec 9>>"$dir/lock"
  if [[ -e $dir/run && ! -e $dir/exit ]] && ! flock -n 9; then
    read -r session boot <"$dir/run"
    kill -TERM -- "-$session" 2>/dev/null
    flock -w "$grace_seconds" 9 || kill -KILL -- "-$session" 2>/dev/null
    flock -w "$grace_seconds" 9
  fi
  end_rest "$dir" "$key"
}

# Nothing of a run may go on working when it is said to have ended.
end_rest() { # DIR KEY
  local session boot now tries
  [[ -e $1/run ]] || return 0
  read -r session boot <"$1/run"
  read -r now </proc/sys/kernel/random/boot_id
  [[ $boot == "$now" ]] || return 0
  for ((tries = 0; tries < 100; tries++)); do
    kill_session "$session" "$2" || return 0
    sleep 0.05
  done
}

# Daemons the program started in sessions of their own are not among them. True when there was something to kill.
kill_session() { # SESSION KEY
  local stat pid session line found=1
  for stat in /proc/[0-9]*/stat; do
    { IFS= read -r line <"$stat"; } 2>/dev/null || continue
    read -r _ _ _ session _ <<<"${line##*) }"
    [[ $session == "$1" ]] || continue
    pid=${stat//[!0-9]/}
    grep -qzxF -e "VENEER_DETACHED=$2" "/proc/$pid/environ" 2>/dev/null || continue
    kill -KILL "$pid" 2>/dev/null && found=0
  done
  return "$found"
}

case ${1-} in
  run) shift && run "$@" ;;
  supervise) shift && supervise "$@" ;;
  kill) shift && end "$@" ;;
  discard) shift && end "$@" && rm -rf -- "$1" ;;
  *)
    printf 'usage: detached.sh run|kill|discard DIR KEY ...\n' >&2
    exit 2
    ;;
esac
