#!/usr/bin/env bash
# Readies a VDB for its storage snapshot: a checkpoint, so that what is cloned from it recovers little, and a description
# of itself in `veneer/snapshot.json`. A stopped VDB keeps the description it has.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"
# shellcheck source=catalog.sh
source "${BASH_SOURCE[0]%/*}/catalog.sh"

main() {
  postmaster
  if [[ $POSTMASTER ]]; then
    export PGHOST=$PRIVATE_DIR PGPORT=$PORT PGUSER=$ROLE
    entry_database ||
      fail not_running "The VDB does not answer." "Start the VDB, then take the snapshot." "$REASON"
    PGDATABASE=$ENTRY "$BIN_DIR/psql" -XAtqw -v ON_ERROR_STOP=1 -c checkpoint
    VERIFIED=false write_metadata
  fi
  emit '{}'
}

main
