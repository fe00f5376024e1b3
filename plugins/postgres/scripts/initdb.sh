#!/usr/bin/env bash
# Makes an empty cluster in the dataset, for a VDB without a parent. An earlier, unfinished attempt is removed first.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  local output
  need_binaries postgres initdb
  postmaster
  if [[ ! -e $OURS/complete ]]; then
    stop_postmaster immediate 10
    rm -rf -- "$DATA" "$OURS" "$MOUNT/tablespaces"
    mkdir -p -- "$OURS/log" "$MOUNT/tablespaces"
    printf 'vdb %s\n' "$SOURCE_ID" >"$MOUNT/.veneer"
    output=$(LC_ALL=C "$BIN_DIR/initdb" -D "$DATA" -U postgres -E UTF8 --locale=C --data-checksums --auth=reject 2>&1) || {
      explain_server "$output"
      fail initdb_failed "No empty cluster could be made in $DATA." "Read the output, mend its cause, then run this again." "$output"
    }
    : >"$OURS/complete"
  fi
  emit '{}'
}

main
