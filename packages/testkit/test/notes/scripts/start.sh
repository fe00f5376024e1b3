#!/usr/bin/env bash
# Serves the notes in MOUNT by a process of their own, noted in PRIVATE_DIR. One that runs already is left alone.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=server.sh
. "${BASH_SOURCE[0]%/*}/server.sh"

main() {
  mkdir -p "$PRIVATE_DIR"
  [[ ! $(server) ]] || return 0
  cd "$MOUNT"
  printf 'port %s\n' "$PORT" >"$MOUNT/served"
  [[ ${VICE-} != dead-server ]] || return 0
  daemon /dev/null sleep 1000
  until [[ $(server) ]]; do sleep 0.01; done
}
main
