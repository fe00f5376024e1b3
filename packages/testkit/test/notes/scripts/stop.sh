#!/usr/bin/env bash
# Ends the process that serves MOUNT; with FORGET nothing of it stays in PRIVATE_DIR.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=server.sh
. "${BASH_SOURCE[0]%/*}/server.sh"

main() {
  local pid
  [[ ${VICE-} != left-running ]] || return 0
  pid=$(server)
  [[ $pid || ${VICE-} != needs-running ]] || fail not_running "Nobody serves $MOUNT." "Start it first."
  if [[ $pid ]]; then
    kill "$pid" 2>/dev/null || true
    while [[ /proc/$pid/cwd -ef $MOUNT ]]; do sleep 0.01; done
  fi
  if [[ $FORGET == true && ${VICE-} != left-file ]]; then rm -rf "$PRIVATE_DIR"; fi
}
main
