#!/usr/bin/env bash
# Makes a clone of a snapshot what VDBs start from: ends its recovery, disables subscriptions and shuts it down cleanly,
# in single-user mode, where nothing can connect and no background process runs. Running it again changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  need tail tr
  need_binaries postgres pg_controldata
  [[ -e $DATA/PG_VERSION && -e $OURS/complete ]] ||
    fail ingest_incomplete "The snapshot holds no complete cluster." "Sync with --resync, then use the new snapshot."
  if [[ -s $OURS/published ]]; then
    emit "$(<"$OURS/published")"
    return
  fi
  mkdir -p -- "$OURS/log"
  discard_pid_file
  relink
  rm -rf -- "$DATA"/pg_replslot/*
  recover
  chmod 700 "$DATA/pg_tblspc"
  report
}

# The clone came with links into the mount of its original. Then as for the standby: what recovery would link anew lies
# outside the dataset, so it may not.
relink() {
  chmod 700 "$DATA/pg_tblspc"
  relink_tablespaces
  chmod 500 "$DATA/pg_tblspc"
}

# recover: runs the server once, alone. A standby's image needs its recovery ended, for which the server wants a restore
# command, which finds nothing. Everything that reaches out is off, on the command line, where it wins.
recover() {
  local settings=(
    archive_mode=off restore_command=false recovery_end_command= archive_cleanup_command= hot_standby=off
    recovery_target= recovery_target_lsn= recovery_target_name= recovery_target_time= recovery_target_xid= recovery_target_timeline=latest
    primary_conninfo= primary_slot_name= synchronous_standby_names= max_replication_slots=10 max_prepared_transactions=0
    shared_preload_libraries= session_preload_libraries= local_preload_libraries= default_transaction_read_only=off
    ssl=off shared_buffers=128MB huge_pages=off wal_keep_size=0 wal_recycle=off autovacuum=off
    logging_collector=off log_destination=stderr log_statement=none lc_messages=C "log_line_prefix=%m [%p] "
  ) arguments=() setting database output
  control
  settings+=("max_prepared_transactions=${CONTROL["max_prepared_xacts setting"]}" "min_wal_size=$((CONTROL["Bytes per WAL segment"] / 524288))MB")
  for setting in "${settings[@]}"; do
    arguments+=(-c "$setting")
  done
  if [[ -e $DATA/standby.signal ]]; then
    : >"$DATA/recovery.signal"
    rm -f -- "$DATA/standby.signal"
  fi
  for database in template1 postgres; do
    output=$("$BIN_DIR/postgres" --single -D "$DATA" -c config_file=/dev/null "${arguments[@]}" "$database" <<<"$SQL" 2>"$LOG") && break
    [[ $(<"$LOG") == *"database \"$database\" does not exist"* ]] || break
  done
  read_answers "$output"
  control
  [[ ${CONTROL["Database cluster state"]} == 'shut down' && $SUPERUSER ]] || explain_recovery
}

explain_recovery() {
  local output
  output=$(tail -n 30 -- "$LOG")
  explain_server "$output"
  [[ $output != *'WAL ends before'* && $output != *'before consistent recovery point'* ]] ||
    fail snapshot_inconsistent "The snapshot holds too little WAL to become consistent." "Sync again and use the new snapshot." "$output"
  fail publish_failed "The snapshot could not be recovered and shut down cleanly." "Read the output, mend its cause, then repair the snapshot or sync again." "$output"
}

# Names come in hex, since single-user mode prints them bare. A slot or an enabled subscription is reported as it was
# before it was cut.
SQL="
select 'superuser=' || encode(textsend(rolname::text), 'hex') from pg_authid where oid = 10
select 'subscription=' || encode(textsend(subname::text), 'hex') || ',' || encode(textsend(datname::text), 'hex') || ',' || coalesce(encode(textsend(subslotname::text), 'hex'), '') || ',' || subenabled from pg_subscription join pg_database d on d.oid = subdbid where subenabled or subslotname is not null
update pg_subscription set subenabled = false, subslotname = null where subenabled or subslotname is not null
"

# read_answers OUTPUT: sets SUPERUSER and SUBSCRIPTIONS (JSON).
read_answers() {
  local line name database slot enabled separator=''
  local superuser='"superuser=([0-9a-f]+)"' subscription='"subscription=([0-9a-f]+),([0-9a-f]+),([0-9a-f]*),(true|false)"'
  SUPERUSER='' SUBSCRIPTIONS=''
  while IFS= read -r line; do
    if [[ $line =~ $superuser ]]; then
      unhex SUPERUSER "${BASH_REMATCH[1]}"
    elif [[ $line =~ $subscription ]]; then
      enabled=${BASH_REMATCH[4]}
      unhex slot "${BASH_REMATCH[3]}"
      unhex database "${BASH_REMATCH[2]}"
      [[ $line =~ $subscription ]]
      unhex name "${BASH_REMATCH[1]}"
      json_string -v name "$name"
      json_string -v database "$database"
      json_string -v slot "$slot"
      SUBSCRIPTIONS+="$separator{\"name\":$name,\"database\":$database,\"slot\":$slot,\"enabled\":$enabled}"
      separator=,
    fi
  done <<<"$1"
}

# unhex NAME HEX: the text of a hexadecimal string, into a variable.
unhex() {
  local hex=$2 escaped=''
  while [[ $hex ]]; do
    escaped+="\\x${hex:0:2}"
    hex=${hex:2}
  done
  # shellcheck disable=SC2059 # the format is the text
  printf -v "$1" "$escaped"
}

# The evidence, for the engine and for a second run. Subscriptions cut by an earlier publish of this lineage stay on record.
report() {
  local superuser
  json_string -v superuser "$SUPERUSER"
  if [[ $SUBSCRIPTIONS || ! -e $OURS/subscriptions.json ]]; then
    printf '[%s]' "$SUBSCRIPTIONS" >"$OURS/subscriptions.json"
  fi
  printf '{"cleanShutdown":true,"timeline":%s,"checkpointLsn":"%s","superuser":%s,"subscriptions":%s}' \
    "${CONTROL["Latest checkpoint's TimeLineID"]}" "${CONTROL["Latest checkpoint location"]}" "$superuser" \
    "$(<"$OURS/subscriptions.json")" >"$OURS/published.veneer"
  mv -f -- "$OURS/published.veneer" "$OURS/published"
  rm -f -- "$OURS"/staging_*.conf "$LOG"
  emit "$(<"$OURS/published")"
}

main
