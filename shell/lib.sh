# The script contract, as a library: what every plugin script sources in its first line. Pure bash, 4.2 or newer.
#
# In: the engine writes the script's variables to standard input, one assignment a line: `declare -x NAME=$'…'` for a
# plain value, `NAME=$'…'` for a secret, which so never enters the environment of a program that the script starts.
# Out: one JSON document on standard output, by `emit` or `fail`. Everything else goes to standard error, also what a
# chatty tool prints, so that it can't spoil the document. Exit code 0 or 1.
# shellcheck shell=bash

set -Eeuo pipefail
shopt -s nullglob
umask 077
exec 3>&1 1>&2

# --- Variables ---

# One line is one assignment, since its quoting holds no bare newline. At top level: `declare` in a function is local.
VENEER_VARIABLES=()
IFS= read -r -N 16777216 VENEER_INPUT || true
exec </dev/null
set -f
IFS=$'\n'
for VENEER_LINE in $VENEER_INPUT; do
  eval "$VENEER_LINE"
  VENEER_LINE=${VENEER_LINE%%=*}
  VENEER_VARIABLES+=("${VENEER_LINE##* }")
done
set +f
IFS=$' \t\n'
unset VENEER_INPUT VENEER_LINE

# --- Answers ---

# emit JSON: the script's one answer.
emit() {
  printf '%s\n' "$1" >&3
}

# fail CODE MESSAGE ACTION [OUTPUT]: ends the script with an error for the person; works in a subshell, too.
fail() {
  local veneer_code veneer_message veneer_action veneer_output
  json_string -v veneer_code "$1"
  json_string -v veneer_message "$2"
  json_string -v veneer_action "$3"
  json_string -v veneer_output "${4-}"
  emit "{\"error\":{\"code\":$veneer_code,\"message\":$veneer_message,\"action\":$veneer_action${4:+,\"output\":$veneer_output}}}"
  exit 1
}

# json_string [-v NAME] TEXT: TEXT as a JSON string, printed or put into the variable NAME. Bytes of UTF-8 pass as they are.
json_string() {
  local veneer_target='' LC_ALL=C
  if [[ $1 == -v ]]; then
    veneer_target=$2
    shift 2
  fi
  local veneer_text=${1//\\/\\\\} veneer_i veneer_char veneer_escape
  veneer_text=${veneer_text//\"/\\\"}
  if [[ $veneer_text == *[[:cntrl:]]* ]]; then
    veneer_text=${veneer_text//$'\n'/\\n}
    veneer_text=${veneer_text//$'\t'/\\t}
    veneer_text=${veneer_text//$'\r'/\\r}
    for ((veneer_i = 1; veneer_i < 32; veneer_i++)); do
      printf -v veneer_escape '\\u%04x' "$veneer_i"
      # shellcheck disable=SC2059 # the format is the escape itself
      printf -v veneer_char "\\x${veneer_escape: -2}"
      veneer_text=${veneer_text//"$veneer_char"/"$veneer_escape"}
    done
  fi
  if [[ $veneer_target ]]; then
    printf -v "$veneer_target" '"%s"' "$veneer_text"
  else
    printf '"%s"' "$veneer_text"
  fi
}

# --- For the person watching ---

# log TEXT…: a line of the job's log.
log() {
  printf '%s\n' "$*" >&2
}

# progress FRACTION MESSAGE: moves the job's progress bar; FRACTION from 0 to 1.
progress() {
  printf 'VENEER_PROGRESS %s %s\n' "$1" "${2//$'\n'/ }" >&2
}

# Where a script ended that should not have: the source text of the command, never its values.
trap 'log "${BASH_SOURCE[0]##*/}, line $LINENO: exit code $? from: ${BASH_COMMAND%%$'\''\n'\''*}"' ERR

# --- Programs ---

# need PROGRAM…: ends the script with an error unless all are there; names or absolute paths.
need() {
  local program
  for program; do
    type -P "$program" >/dev/null ||
      fail program_missing "The program $program is not on this host, or may not be run by $(id -un)." "Install it, then run this again."
  done
}

# daemon LOG PROGRAM [ARGUMENT…]: starts a server that outlives script, connection and engine: a session of its own, no
# open file of ours, none of the script's variables or the engine's marks. Sets DAEMON_PID. What it prints is added to LOG.
daemon() {
  local log=$1
  shift
  (
    trap - ERR
    ((${#VENEER_VARIABLES[@]} == 0)) || export -n "${VENEER_VARIABLES[@]}"
    unset -v "${!VENEER_@}"
    for descriptor in /proc/self/fd/*; do
      descriptor=${descriptor##*/}
      ((descriptor < 3 || descriptor == 255)) || eval "exec $descriptor>&-"
    done
    exec setsid "$@" </dev/null >>"$log" 2>&1
  ) &
  # shellcheck disable=SC2034 # for the caller
  DAEMON_PID=$!
}

# --- Waiting ---

# follow LOG: from now on `await` wakes at each new line of LOG. Ends with `unfollow`.
follow() {
  [[ ! ${VENEER_FOLLOW_PID-} ]] || wait "$VENEER_FOLLOW_PID" 2>/dev/null || true # bash has room for one
  [[ -e $1 ]] || : >>"$1" # tail watches a file that is there, but looks once a second for one that isn't
  coproc VENEER_FOLLOW { exec tail -n 0 -F "$1" 2>/dev/null 3>&-; }
  VENEER_WAKE=${VENEER_FOLLOW[0]}
  VENEER_FOLLOWER=$VENEER_FOLLOW_PID
}

unfollow() {
  [[ ${VENEER_FOLLOWER-} ]] || return 0
  exec {VENEER_WAKE}<&-
  kill -PIPE "$VENEER_FOLLOWER" 2>/dev/null || true # of other signals bash would tell everybody
  # Until it is gone it holds the log open, and with it a mount.
  { wait "$VENEER_FOLLOWER"; } 2>/dev/null || true
  VENEER_FOLLOWER=''
}

# await SECONDS CONDITION [ARGUMENT…]: waits until the command CONDITION succeeds; fails when it has not within SECONDS.
# A line in the followed log wakes it at once. Since a server writes its line a moment before or after the fact, and a
# fact may come without a line, it also looks again after pauses that grow. VENEER_LINE holds the last line.
await() {
  local deadline=$((SECONDS + $1)) pauses=(0.001 0.001 0.002 0.005 0.01 0.02 0.05 0.1 0.2) turn=0 code
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    code=0
    IFS= read -r -t "${pauses[turn]}" VENEER_LINE <&"$VENEER_WAKE" || code=$?
    if ((code == 0)); then
      turn=0
    elif ((code > 128)); then
      ((turn == ${#pauses[@]} - 1)) || turn=$((turn + 1))
    else
      fail program_missing "tail ended while the log was followed." "See why this host's tail program fails, then run this again."
    fi
  done
}
