# The source over its replication connection, the only thing of it that an ingest touches. Sourced after postgres.sh.
# Expects CONNINFO (without password), SOURCE_USER, SLOT, and PASSWORD where one is needed.
# shellcheck shell=bash
# shellcheck disable=SC2034 # its variables are for the scripts that source it

# Puts the password where libpq looks for it: a file of ours alone, in no snapshot.
write_passfile() {
  local password=${PASSWORD-}
  password=${password//\\/\\\\}
  printf '*:*:*:*:%s\n' "${password//:/\\:}" >"$PRIVATE_DIR/pgpass"
  chmod 600 "$PRIVATE_DIR/pgpass"
  export PGPASSFILE=$PRIVATE_DIR/pgpass
}

# walsender COMMAND…: commands of the replication protocol on one connection to the source. Prints rows, or what went wrong.
walsender() {
  local command arguments=()
  for command; do
    arguments+=(-c "$command")
  done
  LC_ALL=C "$BIN_DIR/psql" -XAtqw -v ON_ERROR_STOP=1 -d "$CONNINFO replication='true'" "${arguments[@]}" 2>&1
}

# replication COMMAND…: the same, where a failure ends the script with its cause.
replication() {
  local output
  output=$(walsender "$@") || {
    explain_refusal "$output"
    explain_silence "$output"
    fail source_refused "The source refused a command on its replication connection." "Read the output, mend its cause, then sync again." "$output"
  }
  printf '%s\n' "$output"
}

# Sets SOURCE_SYSTEM, SOURCE_TIMELINE, SOURCE_FLUSH and the settings a standby must match; refuses a source that can't be ingested.
identify_source() {
  local output rows=() names=(max_connections max_worker_processes max_wal_senders max_prepared_transactions max_locks_per_transaction)
  output=$(replication IDENTIFY_SYSTEM "SHOW server_version_num" "SHOW wal_level" "${names[@]/#/SHOW }")
  mapfile -t rows <<<"$output"
  IFS='|' read -r SOURCE_SYSTEM SOURCE_TIMELINE SOURCE_FLUSH _ <<<"${rows[0]}"
  SOURCE_SETTINGS=()
  local i
  for i in "${!names[@]}"; do
    SOURCE_SETTINGS+=("${names[i]}=${rows[i + 3]}")
  done
  ((rows[1] / 10000 == MAJOR)) ||
    fail version_mismatch "The source is PostgreSQL $((rows[1] / 10000)), the staging host's is $MAJOR." "Choose a repository of major version $((rows[1] / 10000)) on the staging host."
  [[ ${rows[2]} != minimal ]] || fail_wal_level
}

# Asked without replication, which a source with wal_level = minimal refuses; else as discovery saw it.
wal_level() {
  "$BIN_DIR/psql" -XAtqw -d "$CONNINFO" -c "SHOW wal_level" 2>/dev/null || printf '%s' "${SOURCE_WAL_LEVEL-}"
}

fail_wal_level() {
  fail wal_level_too_low "wal_level is \"minimal\" on the source." "On the source run: ALTER SYSTEM SET wal_level = replica; ALTER SYSTEM SET max_wal_senders = 10; then restart it and sync again."
}

# explain_refusal OUTPUT: ends the script if the source refused, for a cause we know that no waiting mends.
explain_refusal() {
  local output=$1 user=${SOURCE_USER//\"/\"\"} from line
  if [[ $output == *'password authentication failed'* || $output == *'no password supplied'* || $output == *'SCRAM authentication failed'* || $output == *'Peer authentication failed'* || $output == *'Ident authentication failed'* ]]; then
    fail wrong_password "The source refuses to authenticate the role $SOURCE_USER." "Give the right method.password, or set it on the source: ALTER ROLE \"$user\" PASSWORD '…';" "$output"
  elif [[ $output == *'no pg_hba.conf entry'* || $output == *'pg_hba.conf rejects'* ]]; then
    if [[ $output =~ 'host "'([^\"]+)'"' ]]; then
      from=${BASH_REMATCH[1]}
    fi
    line="host replication \"$user\" ${from:-<address of the staging host>}/32 scram-sha-256"
    [[ ${from-} != '[local]' ]] || line="local replication \"$user\" peer"
    [[ ${from-} != *:* ]] || line=${line/\/32/\/128}
    fail no_pg_hba_entry "The source's pg_hba.conf does not let the role $SOURCE_USER replicate from here." "Add this line to the source's pg_hba.conf, then run SELECT pg_reload_conf(): $line" "$output"
  elif [[ $output == *'must be superuser or replication role'* || $output == *'permission denied to start WAL sender'* || $output == *'permission denied to use replication slots'* ]]; then
    fail no_replication_role "The role $SOURCE_USER may not replicate." "On the source run: ALTER ROLE \"$user\" REPLICATION;" "$output"
  elif [[ $output == *'exceeds max_wal_senders (currently 0)'* && $(wal_level) == minimal ]]; then
    fail_wal_level
  elif [[ $output == *'exceeds max_wal_senders'* || $output == *'connection slots are reserved'* || $output == *'too many clients already'* ]]; then
    fail no_free_sender "The source has no free WAL sender." "Raise it on the source: ALTER SYSTEM SET max_wal_senders = 20; then restart the source and sync again." "$output"
  elif [[ $output == *'all replication slots are in use'* || $output == *'max_replication_slots > 0'* ]]; then
    fail no_free_slot "The source has no free replication slot." "Raise it on the source: ALTER SYSTEM SET max_replication_slots = 20; then restart the source and sync again." "$output"
  elif [[ $output == *'replication slot "'*'" does not exist'* || $output == *'can no longer get changes from replication slot'* || $output == *'cannot read from replication slot'* || $output == *'invalidated'*'slot'* ]]; then
    fail slot_lost "The replication slot $SLOT is lost on the source, and with it the WAL since the last sync." "Sync with --resync. Consider a larger max_slot_wal_keep_size on the source." "$output"
  elif [[ $output == *'requested WAL segment '*' has already been removed'* ]]; then
    fail wal_missing "The source has removed WAL that the dSource still needs." "Sync with --resync. Consider a larger max_slot_wal_keep_size on the source." "$output"
  elif [[ $output == *'system identifier differs'* ]]; then
    fail_replaced "$output"
  elif [[ $output == *'No space left on device'* ]]; then
    fail disk_full "A file system is full during the ingest: that of $MOUNT, or the source's." "Make room, then sync again." "$output"
  fi
}

# explain_silence OUTPUT: ends the script if the source could not be reached.
explain_silence() {
  case $1 in
    *'could not connect to server'* | *'Connection refused'* | *'could not translate host name'* | *'timeout expired'* | *'No route to host'* | *'failed: No such file'* | *'Permission denied'*)
      fail source_unreachable "The source can't be reached from the staging host." "Check method.host and method.port, the source's listen_addresses and the firewall, then sync again." "$1"
      ;;
  esac
}

fail_replaced() {
  fail source_replaced "The source is another cluster than the one that was ingested." "If that is meant, sync with --resync." "$1"
}
