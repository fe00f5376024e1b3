#!/usr/bin/env bash
# Counts the notes in DIRECTORY. Changes nothing.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local notes=("$DIRECTORY"/*)
  emit "{\"notes\":${#notes[@]}}"
}

main
