#!/usr/bin/env bash
# Turns the dataset at MOUNT into a running VDB: our configuration beside the data, the postmaster, the role to connect
# with. On the way of every provision, so it starts no program it can do without. Running it again does it again.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  local superuser
  [[ -e $DATA/PG_VERSION ]] ||
    fail snapshot_inconsistent "The clone holds no cluster." "Use another snapshot."
  [[ -x $BIN_DIR/postgres && -x $BIN_DIR/psql ]] || need_binaries postgres psql
  make_private_directory &
  os_user
  [[ ! -e $DATA/postmaster.pid ]] || stop_earlier
  superuser=${SUPERUSER:-$(superuser_of_image)}
  if [[ ! -d $OURS/log ]]; then
    mkdir -p -- "$OURS/log"
  fi
  write_configuration "$superuser"
  leave_replication
  relink_tablespaces
  [[ ! ${CHECK-} ]] || check_settings
  wait
  private_directory
  launch_postmaster "$OURS/postgresql.conf"
  prepare_client "$superuser"
  await_postmaster "$SECONDS_TO_START"
  prepare_database
  json_string -v superuser "$superuser"
  emit "{\"superuser\":$superuser}"
}

# An earlier run, or a crash, left a postmaster.pid: ours is stopped, that of the clone's original names a process elsewhere.
stop_earlier() {
  stop_postmaster fast 30
  rm -f -- "$DATA/postmaster.pid"
}

superuser_of_image() {
  local image='"superuser":"([^"\\]+)"'
  [[ -e $OURS/snapshot.json && $(<"$OURS/snapshot.json") =~ $image ]] ||
    fail superuser_unknown "Nothing tells which role owns the cluster." "Take a new snapshot and use that."
  printf '%s' "${BASH_REMATCH[1]}"
}

write_configuration() {
  local superuser=${1//\"/\"\"} hba
  [[ $superuser != *$'\n'* ]] ||
    fail superuser_unusable "The bootstrap superuser's name has a line break, which pg_ident.conf can't hold." "Rename it on the source, then sync again."
  hba="local all \"$superuser\" peer map=veneer"$'\n'
  if [[ $HBA_MODE != replace ]]; then
    [[ -r $DATA/pg_hba.conf ]] ||
      fail pg_hba_missing "The source keeps its pg_hba.conf outside the data directory, so the VDB has none to keep." "Set hba to replace."
    hba+=$(<"$DATA/pg_hba.conf")$'\n'
  fi
  if [[ $HBA_MODE != keep ]]; then
    hba+=$HBA
  fi
  put "$OURS/pg_hba.conf" "$hba"
  put "$OURS/pg_ident.conf" "veneer \"${OS_USER//\"/\"\"}\" \"$superuser\""$'\n'
  put "$OURS/postgresql.conf" "$CONFIGURATION"
  put "$MOUNT/.veneer" "vdb $SOURCE_ID"$'\n'
  put "$OURS/published" ''
  # shellcheck disable=SC2086 # a list of names
  strip_settings "$DATA/postgresql.auto.conf" $CUT
}

# What would make it a standby, or hold WAL for a consumer that only the original has.
leave_replication() {
  local left=("$DATA"/pg_replslot/* "$DATA"/standby.signal* "$DATA"/recovery.signal*)
  if ((${#left[@]})); then
    rm -rf -- "${left[@]}"
  fi
  if [[ ! -w $DATA/pg_tblspc ]]; then
    chmod 700 "$DATA/pg_tblspc"
  fi
}

# Lets this very binary judge the settings before anything starts: it reads the files, says what it refuses, and ends.
check_settings() {
  local output
  output=$("$BIN_DIR/postgres" -D "$DATA" -c "config_file=$OURS/postgresql.conf" -c lc_messages=C -C port 2>&1 >/dev/null) && return
  explain_server "$output"
  fail refused_value "PostgreSQL refuses the VDB's settings." "Correct the parameter settings by what the output says." "$output"
}

# prepare_client SUPERUSER: starts the one psql that will make the role. Loading it takes as long as all else we do, so it
# loads while the server starts, and waits for its connection parameters: its service file is a pipe that we fill later.
prepare_client() {
  exec {SERVICE}<> <(:)
  PGSERVICE=veneer PGSERVICEFILE=/dev/fd/$SERVICE PGHOST=$PRIVATE_DIR PGPORT=$PORT PGUSER=$1 PGDATABASE=$DATABASE PGOPTIONS=$SESSION_OPTIONS \
    "$BIN_DIR/psql" -XAtqw -v ON_ERROR_STOP=1 <<<"$SQL" >"$PRIVATE_DIR/psql.out" 2>&1 3>&- &
  CLIENT=$!
  trap end_client EXIT
}

end_client() {
  kill "$CLIENT" 2>/dev/null || true
}

# One connection, in the database that people will use: it makes the role, and warms what a first connection has to build.
# The second group ends psql's reading, since the pipe itself has no end.
prepare_database() {
  local output
  printf '[veneer]\napplication_name=veneer\n[end]\n' >&"$SERVICE"
  unfollow
  if wait "$CLIENT"; then
    trap - EXIT
    return
  fi
  output=$(<"$PRIVATE_DIR/psql.out")
  if [[ $output == *'database "'*'" does not exist'* ]]; then
    fail database_missing "The VDB has no database called $DATABASE." "Set the parameter database to one that the snapshot holds." "$output"
  fi
  fail role_not_made "The VDB runs, but its role could not be made." "Read the output, mend its cause, then run this again." "$output"
}

main
