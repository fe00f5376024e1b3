#!/usr/bin/env bash
# Lists the ledgers on this host. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local folder name list=''
  for folder in /tmp/ledger-*/; do
    json_string -v name "${folder%/}"
    list+="${list:+,}$name"
  done
  emit "{\"folders\":[$list]}"
}
main
