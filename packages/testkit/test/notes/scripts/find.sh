#!/usr/bin/env bash
# Lists the notebooks below ROOT. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local notebook name list=''
  for notebook in "$ROOT"/*/; do
    notebook=${notebook%/}
    json_string -v name "${notebook##*/}"
    list+="${list:+,}$name"
  done
  emit "{\"notebooks\":[$list]}"
}
main
