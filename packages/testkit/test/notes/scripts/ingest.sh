#!/usr/bin/env bash
# Copies the notes in FROM into MOUNT, if there are newer ones or with RESYNC. The mark `complete` is there only when all is.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  [[ $PASSWORD ]] || fail password_missing "There is no password." "Give one."
  [[ ${VICE-} != no-repeat || ! -e $MOUNT/complete || $RESYNC == false ]] || fail already_there "There are notes already." "Nothing helps."
  [[ $RESYNC == true || ! $MOUNT/complete -nt $FROM ]] || return 0
  [[ ${VICE-} == half-copy ]] || rm -f "$MOUNT/complete"
  rm -f "$MOUNT"/*.txt
  progress 0.5 "copying"
  log "copying $FROM"
  [[ ${VICE-} != half-copy || ! -e $MOUNT/complete ]] || sleep 0.3
  # shellcheck disable=SC2086 # the pattern is one of files
  cp "$FROM"/$PATTERN.txt "$MOUNT/"
  : >"$MOUNT/complete"
}
main
