#!/usr/bin/env bash
# Drops a slot that nobody owns any more on a cluster of this host, as its owner. One in use stays, and is an error.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local output user
  user=$(id -un)
  for PGUSER in "$user" postgres; do
    output=$(PGHOST=${SOCKET_DIR:-127.0.0.1} PGPORT=$PORT PGUSER=$PGUSER PGDATABASE=postgres PGCONNECT_TIMEOUT=5 \
      "$BIN_DIR/psql" -XAtqw -v ON_ERROR_STOP=1 2>&1 <<<"select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '$SLOT'") && {
      emit '{}'
      return
    }
  done
  fail slot_left_behind "The replication slot $SLOT could not be dropped." "In the cluster run: SELECT pg_drop_replication_slot('$SLOT');" "$output"
}

main
