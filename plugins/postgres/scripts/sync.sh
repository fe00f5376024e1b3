#!/usr/bin/env bash
# Brings the staging standby up to what the source had flushed when this began, writes a restart point and describes the
# result in `veneer/snapshot.json`. Emits {"complete": false} and does nothing when no complete copy is there.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"
# shellcheck source=source.sh
source "${BASH_SOURCE[0]%/*}/source.sh"
# shellcheck source=catalog.sh
source "${BASH_SOURCE[0]%/*}/catalog.sh"
# shellcheck source=standby.sh
source "${BASH_SOURCE[0]%/*}/standby.sh"

main() {
  need setsid tail tr
  need_binaries postgres psql pg_controldata
  if [[ ! -e $OURS/complete ]]; then
    emit '{"complete":false}'
    return
  fi
  private_directory
  write_passfile
  progress 0.95 "Asking the source"
  identify_source
  control
  [[ ${CONTROL["Database system identifier"]} == "$SOURCE_SYSTEM" ]] || fail_replaced ""
  ensure_standby 3600
  find_admin
  catch_up
  progress 0.99 "Writing a restart point"
  PGDATABASE=$ENTRY "$BIN_DIR/psql" -XAtqw -v ON_ERROR_STOP=1 -c checkpoint
  write_source_settings
  VERIFIED=true write_metadata
  sync -- "$OURS/snapshot.json" 2>/dev/null || sync
  emit '{"complete":true}'
}

# Waits until the standby has replayed what the source had flushed. Gives up when nothing moved for two minutes, at once when
# there is no room for more WAL.
catch_up() {
  local before='' idle=0
  REPLAYED=''
  until await 5 caught_up; do
    idle=$((idle + 5))
    [[ $REPLAYED == "$before" ]] || idle=0
    before=$REPLAYED
    need_room "${CONTROL["Bytes per WAL segment"]}"
    ((idle < 120)) ||
      fail sync_stalled "The standby stopped at $REPLAYED on its way to $SOURCE_FLUSH." "Read its log, mend the cause, then sync again." "$(tail -n 30 -- "$LOG")"
  done
  unfollow
}

caught_up() {
  local reached
  case ${VENEER_LINE-} in
    *'insufficient parameter settings'*)
      VENEER_LINE='' SOURCE_SETTINGS=()
      unfollow
      ensure_standby 3600
      ;;
    *FATAL* | *ERROR*)
      explain_refusal "$VENEER_LINE" # a broken connection is tried again by the standby itself
      ;;
  esac
  VENEER_LINE=''
  postmaster
  if [[ ! $POSTMASTER ]]; then
    start_again
    return 1
  fi
  IFS='|' read -r reached REPLAYED < <(query "$ENTRY" "select pg_last_wal_replay_lsn() >= '$SOURCE_FLUSH'::pg_lsn, pg_last_wal_replay_lsn()") || {
    sleep 0.2 # being refused is a line of the log, which would wake us at once
    return 1
  }
  [[ $reached == t ]]
}

# Settings of the source that its copies need, kept in the dataset: a Debian source has no postgresql.conf in its data directory.
write_source_settings() {
  local setting libraries
  for setting in "${SOURCE_SETTINGS[@]}"; do
    [[ $setting == max_wal_senders=* ]] || printf '%s = %s\n' "${setting%%=*}" "${setting#*=}"
  done >"$OURS/source.conf.veneer"
  libraries=$(walsender "SHOW shared_preload_libraries") || libraries=$(configured shared_preload_libraries)
  printf '%s' "$libraries" >"$OURS/preload"
  if [[ $libraries ]]; then
    printf "shared_preload_libraries = '%s'\n" "${libraries//\'/\'\'}" >>"$OURS/source.conf.veneer"
  fi
  mv -f -- "$OURS/source.conf.veneer" "$OURS/source.conf"
}

# configured NAME: its value in the configuration files that came with the data, empty when there is none.
configured() {
  local line value='' file
  local assignment="^[[:space:]]*$1[[:space:]]*=?[[:space:]]*'(.*)'"
  for file in "$DATA/postgresql.conf" "$DATA/postgresql.auto.conf"; do
    [[ -e $file ]] || continue
    while IFS= read -r line; do
      if [[ $line =~ $assignment ]]; then
        value=${BASH_REMATCH[1]}
      fi
    done <"$file"
  done
  printf '%s' "${value//\'\'/\'}"
}

main
