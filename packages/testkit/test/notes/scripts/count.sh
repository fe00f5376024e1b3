#!/usr/bin/env bash
# Counts the notes in MOUNT. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local notes=("$MOUNT"/*.txt)
  emit "{\"notes\":${#notes[@]}}"
}
main
