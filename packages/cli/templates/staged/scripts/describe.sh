#!/usr/bin/env bash
# Counts the files of DIRECTORY and their bytes. Changes nothing.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local size files=0 bytes=0
  while read -r size; do
    files=$((files + 1))
    bytes=$((bytes + size))
  done < <(find "$DIRECTORY/" -type f -printf '%s\n')
  emit "{\"files\":$files,\"bytes\":$bytes}"
}

main
