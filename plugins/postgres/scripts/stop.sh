#!/usr/bin/env bash
# Stops the postmaster of a dataset and waits until all its processes are gone; with FORGET removes what it has outside
# the dataset, too. If nothing runs, nothing changes.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  need tail tr
  stop_postmaster "${MODE:?}" "$SECONDS_TO_STOP"
  if [[ ${FORGET-} ]]; then
    remove_private_directory
  fi
  emit '{}'
}

main
