# The staging standby: follows the source over our own slot, reachable by nobody but this OS user. Sourced after postgres.sh.
# Expects CONNINFO, SOURCE_USER, SLOT, SOURCE_ID; SOURCE_SETTINGS where the source was asked.
# shellcheck shell=bash
# shellcheck disable=SC2153 # the names come from the script's variables

# start_standby SECONDS: returns when it is consistent and takes queries. Settings ride on the command line because there
# they win over the source's own postgresql.auto.conf, which stays as it came.
start_standby() {
  local conninfo="$CONNINFO passfile='$PRIVATE_DIR/pgpass'" segment
  os_user
  control
  segment=$((CONTROL["Bytes per WAL segment"] / 1048576))
  STANDBY_SETTINGS=(
    listen_addresses= "unix_socket_directories=$PRIVATE_DIR" port=5432 ssl=off
    "hba_file=$OURS/staging_hba.conf" "ident_file=$OURS/staging_ident.conf" "external_pid_file=$PRIVATE_DIR/postmaster.pid"
    "primary_conninfo=$conninfo" "primary_slot_name=$SLOT" restore_command= archive_cleanup_command= recovery_end_command=
    recovery_target= recovery_target_lsn= recovery_target_name= recovery_target_time= recovery_target_xid= recovery_target_timeline=latest
    recovery_min_apply_delay=0 hot_standby=on hot_standby_feedback=off wal_retrieve_retry_interval=1s
    archive_mode=off synchronous_standby_names= max_logical_replication_workers=0
    shared_preload_libraries= session_preload_libraries= local_preload_libraries=
    shared_buffers=64MB huge_pages=off "min_wal_size=$((segment * 2))MB" wal_keep_size=0 wal_recycle=off
    logging_collector=off log_destination=stderr "log_line_prefix=%m [%p] " log_min_messages=warning lc_messages=C
    "cluster_name=veneer staging $SOURCE_ID"
  )
  take_larger_settings
  # The directory of the socket is 0700, so peer would test nothing further, and a map can't name a role not yet known.
  printf 'local all all trust\n' >"$OURS/staging_hba.conf"
  : >"$OURS/staging_ident.conf"
  : >"$DATA/standby.signal"
  rm -f -- "$DATA/recovery.signal"
  # A tablespace made on the source from now on names a path of the source's: replayed here it could be the source's own
  # directory. Without the right to make its link, recovery stops before it touches anything.
  chmod 500 "$DATA/pg_tblspc"
  discard_pid_file
  : >"$LOG"
  local arguments=() setting
  for setting in "${STANDBY_SETTINGS[@]}"; do
    arguments+=(-c "$setting")
  done
  launch_postmaster /dev/null "${arguments[@]}"
  await_postmaster "$1"
  started_for >"$PRIVATE_DIR/started"
}

# Hot standby refuses to run with less than what the source has, now or in the WAL that is still to be replayed.
take_larger_settings() {
  local pair name value known
  for pair in max_connections max_worker_processes max_wal_senders max_prepared_transactions:max_prepared_xacts max_locks_per_transaction:max_locks_per_xact; do
    name=${pair%:*}
    value=${CONTROL["${pair#*:} setting"]}
    for known in ${SOURCE_SETTINGS[@]+"${SOURCE_SETTINGS[@]}"}; do
      if [[ ${known%%=*} == "$name" ]] && ((${known#*=} > value)); then
        value=${known#*=}
      fi
    done
    STANDBY_SETTINGS+=("$name=$value")
  done
}

# Starts it if it does not run, again if it was started for another address or for smaller settings of the source.
ensure_standby() {
  postmaster
  if [[ $POSTMASTER && -e $PRIVATE_DIR/started && $(<"$PRIVATE_DIR/started") == "$(started_for)" ]]; then
    follow "$LOG"
    return 0
  fi
  stop_postmaster fast 120
  start_standby "$1"
}

# What a running standby depends on besides its data.
started_for() {
  printf '%s\n' "$CONNINFO" "$SLOT" "${SOURCE_SETTINGS[@]-}"
}

# Finds a role and a database to ask the standby with: the replication role exists there because it does on the source. A
# standby that had no room for its WAL restarts by itself, and lets nobody in meanwhile, or gives up. Expects its log to be followed.
find_admin() {
  export PGHOST=$PRIVATE_DIR PGPORT=5432
  await 600 admitted_or_refused ||
    fail staging_refused "The standby has let nobody in for ten minutes." "Read its log, mend the cause, then sync again." "$(tail -n 30 -- "$LOG")"
  [[ $ADMITTED ]] ||
    fail staging_refused "The standby lets in neither $SOURCE_USER nor postgres." "On the source let one of them connect to the database postgres or template1, then sync again." "$REASON"
  PGUSER=$(query "$ENTRY" "select rolname from pg_roles where oid = 10")
}

# start_again: starts a standby that gave up, once; one that gives up again is explained.
start_again() {
  [[ ! ${STARTED_AGAIN-} ]] || explain_start "It ended during the sync."
  STARTED_AGAIN=yes
  unfollow
  ensure_standby 3600
}

# Returns when a role is let in, with it in PGUSER, or none is for a reason that lasts.
admitted_or_refused() {
  local role
  ADMITTED=''
  for role in "$SOURCE_USER" postgres; do
    export PGUSER=$role
    if entry_database; then
      ADMITTED=$role
      return 0
    fi
  done
  postmaster
  if [[ ! $POSTMASTER ]]; then
    start_again
    return 1
  fi
  need_room 1048576
  [[ $REASON == *'the database system is '* ]] || return 0
  sleep 0.2 # being refused is a line of the log, which would wake us at once
  return 1
}
