#!/usr/bin/env bash
# Answers with what it was given. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local text exported password
  log "hello"
  progress 0.25 "quarter"
  json_string -v text "$TEXT"
  json_string -v exported "$(printenv PASSWORD || printf hidden)"
  json_string -v password "$PASSWORD"
  emit "{\"text\":$text,\"exported\":$exported,\"password\":$password}"
}
main
