#!/usr/bin/env bash
# Answers with what it was given. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local answer exported secret
  log "hello"
  progress 0.25 "quarter"
  json_string -v answer "$TEXT"
  json_string -v exported "$(printenv PASSWORD || printf hidden)"
  json_string -v secret "$PASSWORD"
  emit "{\"text\":$answer,\"exported\":$exported,\"password\":$secret}"
}
main
