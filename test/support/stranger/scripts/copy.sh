#!/usr/bin/env bash
# Copies the pages of the ledger in FROM into MOUNT and counts them there.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local pages
  [[ $PASSWORD ]] || fail password_missing "There is no password." "Give one."
  rm -f "$MOUNT"/*.txt
  cp "$FROM"/*.txt "$MOUNT/"
  pages=("$MOUNT"/*.txt)
  printf '%s\n' "${#pages[@]}" >"$MOUNT/pages"
  emit "{\"pages\":${#pages[@]}}"
}
main
