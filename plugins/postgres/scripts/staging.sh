#!/usr/bin/env bash
# Starts the staging standby, on its own socket only. If it runs already, nothing changes; without a complete ingest there
# is nothing to start.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"
# shellcheck source=source.sh
source "${BASH_SOURCE[0]%/*}/source.sh"
# shellcheck source=standby.sh
source "${BASH_SOURCE[0]%/*}/standby.sh"

main() {
  need setsid tail tr
  need_binaries postgres pg_controldata
  private_directory
  write_passfile
  postmaster
  if [[ -e $OURS/complete && ! $POSTMASTER ]]; then
    SOURCE_SETTINGS=()
    start_standby 600
    unfollow
  fi
  emit '{}'
}

main
