#!/usr/bin/env bash
# Runs one command on a host, and ends all of it when the engine says so or is gone: the host's side of an SSH connection.
# Sent to a host's bash as text, with its variables before it; it becomes the command, which so ends as it ends.
# In: NONCE; ENGINE, its id; OS_USER, who this runs as; DIRECTORY, or empty for that user's home; PROGRAM, an array; INPUT:
# the bytes of the program's standard input, `none`, or `raw` for all that the engine sends; CODING, in which it comes: `plain`,
# or `base64`, since bash can't hold a NUL character.
# Standard input is the line to the engine: the program's input, then a line break now and then as long as the engine is
# there, and `end` when it wants the command ended.
# Out: first, on both streams, a line NONCE WORD, since a shell's start-up files may print: `ok`, after which everything is
# the command's, or why it was not started: `cut`, `directory`, `program`.
set -u
export LC_ALL=C

readonly pulse_seconds=5 pulses=12 pause_seconds=0.02 pauses=250

answer() { # WORD
  printf '%s %s\n' "$NONCE" "$1" >&2
  printf '%s %s\n' "$NONCE" "$1"
}

refuse() { # WORD
  answer "$1"
  exit 125
}

# Sets STAT to the fields of /proc/PID/stat from the state on; the name before them may hold anything.
look_at() { # PID
  local line
  { IFS= read -r line <"/proc/$1/stat"; } 2>/dev/null || return
  # shellcheck disable=SC2206 # a letter and numbers
  STAT=(${line##*) })
}

# The pid of one that ended may be another's by now.
runs() {
  look_at "$GROUP" && [[ ${STAT[0]} != [ZX] && ${STAT[19]} == "$STARTED" ]]
}

any_left() {
  local path pid
  for path in /proc/[0-9]*; do
    pid=${path#/proc/}
    [[ $pid != "$BASHPID" ]] || continue
    if look_at "$pid" && [[ ${STAT[2]} == "$GROUP" && ${STAT[0]} != [ZX] ]]; then return 0; fi
  done
  return 1
}

# What listens to the engine may be of the group itself, and goes last.
end_group() {
  local tries
  kill -TERM -- "-$GROUP" 2>/dev/null
  for ((tries = 0; tries < pauses; tries++)); do
    any_left || return 0
    sleep "$pause_seconds"
  done
  kill -KILL -- "-$GROUP" 2>/dev/null
}

# Silence is counted in looks, not by the clock: a machine that slept has not lost its engine.
listen() {
  local silent=0 line=''
  trap '' TERM INT HUP QUIT PIPE
  while ((silent < pulses)); do
    if IFS= read -r -t "$pulse_seconds" line; then
      silent=0
      [[ $line != end ]] || break
    elif (($? > 128)); then
      silent=$((silent + 1))
    else
      break
    fi
  done
  if [[ $line == end ]] || runs; then end_group; fi
}

give() { # TEXT
  if [[ $CODING == base64 ]]; then
    printf '%s' "$1" | base64 --decode
  else
    printf '%s' "$1"
  fi
}

main() {
  local text='' lead=()
  unset -v CDPATH HOME # without HOME, bash looks the user up
  HOME=~
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  if [[ $INPUT != raw && $INPUT != none ]]; then
    IFS= read -r -N "$INPUT" text || ((INPUT == 0)) || refuse cut
    ((${#text} == INPUT)) || refuse cut
  fi
  if [[ $DIRECTORY ]]; then
    cd -- "$DIRECTORY" 2>/dev/null || refuse directory
  else
    cd -- "$HOME" 2>/dev/null || cd /
  fi
  type -P -- "${PROGRAM[0]}" >/dev/null || refuse program

  look_at "$$"
  GROUP=$$
  STARTED=${STAT[19]}
  [[ ${STAT[2]} == "$$" ]] || lead=(setsid)
  exec 3<&0
  # As nobody's child that the command would have to wait for.
  [[ $INPUT == raw ]] || (listen <&3 3<&- >/dev/null 2>&1 &)
  answer ok
  if [[ $INPUT == raw ]]; then
    exec 3<&-
  elif [[ $INPUT == none ]]; then
    exec 3<&- </dev/null
  else
    exec 3<&- < <(give "$text" 3<&-)
  fi
  exec ${lead[@]+"${lead[@]}"} env -i "PATH=$PATH" "HOME=$HOME" "USER=$OS_USER" "LOGNAME=$OS_USER" LANG=C.UTF-8 SHLVL=1 "VENEER_ENGINE=$ENGINE" "${PROGRAM[@]}"
}

main
