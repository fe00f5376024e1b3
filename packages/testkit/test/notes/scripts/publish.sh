#!/usr/bin/env bash
# Makes a clone in MOUNT what VDBs start from: one that is complete, and without the mark.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  [[ -e $MOUNT/complete || -e $MOUNT/published || -e $MOUNT/again ]] || fail incomplete "The notes are not all there." "Sync again."
  : >"$MOUNT/published"
  rm -f "$MOUNT/complete"
}
main
