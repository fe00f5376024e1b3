#!/usr/bin/env bash
# Copies the files in FROM into MOUNT.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  [[ -d $FROM ]] || fail folder_missing "There is no folder $FROM." "Enter the folder of a journal."
  log "copying $FROM"
  cp "$FROM"/* "$MOUNT/"
}
main
