#!/usr/bin/env bash
# Fills the dataset anew from the source: our slot there, pg_basebackup, pg_verifybackup, and last of all the marker
# `veneer/complete`. Running it again starts over; whatever an interrupted run left is never taken for complete.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"
# shellcheck source=source.sh
source "${BASH_SOURCE[0]%/*}/source.sh"

main() {
  need setsid sync tail tr uname
  need_binaries postgres psql pg_basebackup pg_verifybackup pg_controldata
  private_directory
  write_passfile
  progress 0 "Asking the source"
  identify_source
  end_stale_backup
  stop_postmaster immediate 10
  wipe
  make_slot
  copy
  verify
  mark_complete
  emit "{\"systemIdentifier\":\"$SOURCE_SYSTEM\"}"
}

# A killed run may have left its pg_basebackup, which would go on writing under our feet.
end_stale_backup() {
  local process argument
  for process in /proc/[0-9]*; do
    if [[ $process/exe -ef $BIN_DIR/pg_basebackup ]]; then
      while IFS= read -r -d '' argument; do
        if [[ $argument == "$DATA" ]]; then
          log "Ending what a pg_basebackup left behind (process ${process##*/})."
          kill -KILL "${process##*/}" 2>/dev/null || true
        fi
      done <"$process/cmdline"
    fi
  done
}

wipe() {
  rm -f -- "$OURS/complete"
  if [[ -d $DATA/pg_tblspc ]]; then
    chmod 700 "$DATA/pg_tblspc"
  fi
  rm -rf -- "$DATA" "$MOUNT/tablespaces" "$OURS"
  mkdir -p -- "$MOUNT/tablespaces" "$OURS/log"
  printf 'staging %s\n' "$SOURCE_ID" >"$MOUNT/.veneer"
}

# A slot of an earlier run may hold back old WAL or be lost, so it is made anew. The note of it comes first: whoever
# removes the dSource must know that there may be one.
make_slot() {
  local output
  printf '%s\n' "$SLOT" >"$OURS/slot"
  output=$(walsender "DROP_REPLICATION_SLOT \"$SLOT\"") || [[ ! $output == *' is active '* ]] ||
    fail slot_in_use "The replication slot $SLOT is in use on the source." "End what uses it: SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '$SLOT'; then sync again." "$output"
  replication "CREATE_REPLICATION_SLOT \"$SLOT\" PHYSICAL RESERVE_WAL" >/dev/null
}

# Sets MAPPINGS to where each tablespace goes. Its path is asked by an ordinary query; where pg_hba.conf lets the role in
# for replication only, what discovery saw must do.
map_tablespaces() {
  local found oid path
  found=$(LC_ALL=C "$BIN_DIR/psql" -XAtqw -v ON_ERROR_STOP=1 -F ' ' -d "$CONNINFO" -c "
    select oid, pg_tablespace_location(oid) from pg_tablespace where spcname not in ('pg_default', 'pg_global')" 2>/dev/null) || {
    log "The role $SOURCE_USER may not query the source; taking its tablespaces as discovery saw them."
    found=${TABLESPACES-}
  }
  MAPPINGS=()
  while IFS=' ' read -r oid path; do
    if [[ $path ]]; then
      MAPPINGS+=(-T "${path//=/\\=}=${MOUNT//=/\\=}/tablespaces/$oid")
    fi
  done <<<"$found"
}

# Its end is told by its code, not by the end of its output: the process it forks to receive WAL keeps that open, and does
# not notice when it was killed.
copy() {
  local line output='' code=1 command
  map_tablespaces
  command=("$BIN_DIR/pg_basebackup" -D "$DATA" -d "$CONNINFO" -w -F plain -X stream -S "$SLOT" -c fast -P ${MAPPINGS[@]+"${MAPPINGS[@]}"})
  [[ ! ${RATE_LIMIT-} ]] || command+=(-r "$RATE_LIMIT")
  ! tells_of_failed_writes || command+=(-N)
  progress 0.01 "Copying the source"
  while IFS= read -r line; do
    if [[ $line =~ ^\ *([0-9]+)/([0-9]+)\ kB ]] && ((BASH_REMATCH[2] > 0)); then
      basebackup_progress "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
    elif [[ $line =~ ^ended\ ([0-9]+)$ ]]; then
      code=${BASH_REMATCH[1]}
      break
    elif [[ $line ]]; then
      log "$line"
      output+=$line$'\n'
    fi
  done < <(
    code=0
    LC_ALL=C "${command[@]}" 2>&1 || code=$?
    printf '\nended %s\n' "$code"
  )
  ((code == 0)) || {
    end_stale_backup
    explain_refusal "$output"
    explain_silence "$output"
    fail base_backup_failed "pg_basebackup ended badly." "Read the output, mend its cause, then sync again." "$output"
  }
  ! tells_of_failed_writes || output=$(sync -f -- "$DATA" 2>&1) ||
    fail base_backup_failed "The copy could not be written out." "Mend staging's storage, then sync again." "$output"
  local link
  for link in "$DATA"/pg_tblspc/*; do
    [[ $link -ef $MOUNT/tablespaces/${link##*/} ]] ||
      fail tablespace_unmapped "Tablespace ${link##*/} was copied to a place outside the dataset: $(readlink -- "$link")." "Refresh the source's environment, or let the role $SOURCE_USER connect to a database of the source; remove that directory; then sync again."
  done
}

# A file system is written out as a whole in a fraction of the time that it takes file by file, as pg_basebackup does. Before
# Linux 5.8, though, nobody is told of a write that failed then (syncfs(2)).
tells_of_failed_writes() {
  local release
  release=$(uname -r)
  [[ $release =~ ^([0-9]+)\.([0-9]+) ]] && ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= 5008))
}

# basebackup_progress DONE TOTAL: kilobytes; the copy is 1 to 80 % of the whole.
basebackup_progress() {
  local done=$1 total=$2 percent
  ((done <= total)) || done=$total
  percent=$((1 + done * 79 / total))
  printf -v percent '0.%02d' "$percent"
  progress "$percent" "Copied $((done / 1024)) of $((total / 1024)) MB"
}

verify() {
  local output
  progress 0.81 "Verifying the copy against its manifest"
  # It hands its path to a shell, so it gets one that any shell takes as it is.
  output=$(cd -- "$MOUNT" && LC_ALL=C "$BIN_DIR/pg_verifybackup" -q data 2>&1) ||
    fail backup_corrupt "The copy does not match its manifest." "Check staging's storage and the network, then sync again with --resync." "$output"
  progress 0.95 "Verified"
}

mark_complete() {
  mv -- "$DATA/backup_manifest" "$OURS/backup_manifest"
  printf 'verified\n' >"$OURS/complete.veneer"
  sync -- "$OURS/complete.veneer" 2>/dev/null || sync
  mv -- "$OURS/complete.veneer" "$OURS/complete"
}

main
