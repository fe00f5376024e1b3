#!/usr/bin/env bash
# Reads, writes or describes one file, as the OS user it runs as: the host's side of a plugin's `files`. Sent to a host's
# bash as text, with its variables before it.
# In: FILE_VERB; FILE_PATH; for `read` FILE_LIMIT, in bytes; for `write` FILE_MODE, octal or empty, and on standard input the
# content in base64.
# Out: a word that says how it went, then what goes with it. `write` puts a new file in the old one's place at once and
# leaves nothing behind; the others change nothing.
set -Eeuo pipefail
umask 077
export LC_ALL=C

# answer WORD [TEXT]: the one answer.
answer() {
  printf '%s %s\n' "$1" "${2-}"
  exit 0
}

# refuse MESSAGE: why a program could not, in the kernel's words.
refuse() {
  case $1 in
    *'No such file or directory' | *'Not a directory') answer missing ;;
    *'Permission denied' | *'Operation not permitted' | *'Read-only file system') answer denied "${1##*: }" ;;
    *) answer failed "$1" ;;
  esac
}

# Type and mode in hexadecimal, size, owner, group, time of change.
describe() {
  local facts
  facts=$(stat --dereference --printf='%f %s %u %g %.9Y' -- "$FILE_PATH" 2>&1) || refuse "$facts"
  answer ok "$facts"
}

read_whole() {
  local facts content
  facts=$(stat --dereference --printf='%s %F' -- "$FILE_PATH" 2>&1) || refuse "$facts"
  [[ ${facts#* } == regular* ]] || answer failed "it is a ${facts#* }"
  ((${facts%% *} <= FILE_LIMIT)) || answer large "${facts%% *}"
  # Files that the kernel makes up have no size: one byte more than may be tells.
  content=$(head --bytes=$((FILE_LIMIT + 1)) -- "$FILE_PATH" 2>&1 | base64 --wrap=0) || refuse "$(base64 --decode <<<"$content")"
  answer ok "$content"
}

write_whole() {
  local directory=${FILE_PATH%/*}/ new problem
  [[ ! -d $FILE_PATH ]] || answer failed 'it is a directory'
  new=$(mktemp -- "$directory.veneer-XXXXXXXX" 2>&1) || refuse "$new"
  # shellcheck disable=SC2064 # the name as it is now
  trap "rm -f -- $(printf %q "$new")" EXIT
  [[ $FILE_MODE ]] || FILE_MODE=$(stat --format=%a -- "$FILE_PATH" 2>/dev/null) || FILE_MODE=600
  problem=$({ base64 --decode >"$new" && sync -- "$new" && chmod -- "$FILE_MODE" "$new" && mv --force --no-target-directory -- "$new" "$FILE_PATH"; } 2>&1) || refuse "$problem"
  answer ok
}

case $FILE_VERB in
  read) read_whole ;;
  write) write_whole ;;
  stat) describe ;;
esac
