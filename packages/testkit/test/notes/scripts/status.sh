#!/usr/bin/env bash
# Tells whether MOUNT is served. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=server.sh
. "${BASH_SOURCE[0]%/*}/server.sh"

main() {
  if [[ $(server) ]]; then emit '{"running":true}'; else emit '{"running":false}'; fi
}
main
