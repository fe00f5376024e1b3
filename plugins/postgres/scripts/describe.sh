#!/usr/bin/env bash
# Emits the description that the dataset carries of itself. Changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  [[ -e $OURS/snapshot.json ]] ||
    fail not_described "The dataset at $MOUNT carries no description." "Sync again, or start the VDB and take the snapshot again."
  emit "$(<"$OURS/snapshot.json")"
}

main
