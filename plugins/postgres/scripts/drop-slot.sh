#!/usr/bin/env bash
# Drops our slot on the source, if this dSource ever made one; for the end of the dSource. If it is gone already, fine.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"
# shellcheck source=source.sh
source "${BASH_SOURCE[0]%/*}/source.sh"

main() {
  local output
  if [[ -e $OURS/slot ]]; then
    private_directory
    write_passfile
    if ! output=$(walsender "DROP_REPLICATION_SLOT \"$SLOT\" WAIT") && [[ $output != *"replication slot \"$SLOT\" does not exist"* ]]; then
      remove_private_directory
      fail slot_left_behind "The replication slot $SLOT could not be dropped on the source, where it goes on holding WAL." "On the source run: SELECT pg_drop_replication_slot('$SLOT');" "$output"
    fi
    rm -f -- "$OURS/slot"
  fi
  remove_private_directory
  emit '{}'
}

main
