#!/usr/bin/env bash
# Lists the directories at most two levels below ROOT that hold a file named MARKER. Changes nothing.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local found list='' text
  while IFS= read -r -d '' found; do
    json_string -v text "${found%/*}"
    list+=${list:+,}$text
  done < <(find "$ROOT/" -mindepth 2 -maxdepth 3 -name "$MARKER" -type f -print0 2>/dev/null || true)
  emit "{\"directories\":[$list]}"
}

main
