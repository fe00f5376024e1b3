# What a running cluster says of itself, as JSON that PostgreSQL makes. Sourced after lib.sh.
# Expects BIN_DIR, and PGHOST, PGPORT and PGUSER in the environment.
# shellcheck shell=bash

# query DATABASE SQL: one statement, read only, bounded in time. The name goes by the environment, where libpq takes it as it is.
query() {
  PGDATABASE=$1 PGCONNECT_TIMEOUT=5 PGOPTIONS="-c default_transaction_read_only=on -c statement_timeout=10000 -c search_path=pg_catalog -c standard_conforming_strings=on" \
    "$BIN_DIR/psql" -XAtqw -v ON_ERROR_STOP=1 "${@:3}" -c "$2"
}

# Sets ENTRY to a database that takes us; fails with REASON set when none does.
entry_database() {
  for ENTRY in postgres template1; do
    REASON=$(query "$ENTRY" "select 1" 2>&1 >/dev/null) && return 0
    [[ $REASON == *'database "'*'" does not exist'* ]] || break
  done
  return 1
}

# The cluster as a whole.
# shellcheck disable=SC2034 # for the scripts that source this
CLUSTER_QUERY="
  select json_strip_nulls(json_build_object(
    'systemIdentifier', (select system_identifier::text from pg_control_system()),
    'walLevel', current_setting('wal_level'),
    'checksums', current_setting('data_checksums')::boolean,
    'inRecovery', pg_is_in_recovery(),
    'sharedPreloadLibraries', (select setting from pg_settings where name = 'shared_preload_libraries'),
    'tablespaces', (select coalesce(json_agg(json_build_object('oid', oid::text, 'name', spcname, 'location', pg_tablespace_location(oid)) order by spcname), '[]')
                      from pg_tablespace where spcname not in ('pg_default', 'pg_global')),
    'replicationSlots', (select coalesce(json_agg(json_build_object('name', slot_name, 'type', slot_type, 'active', active) order by slot_name), '[]') from pg_replication_slots),
    'subscriptions', (select coalesce(json_agg(json_build_object('name', subname, 'database', datname, 'enabled', subenabled) order by subname), '[]')
                        from pg_subscription join pg_database d on d.oid = subdbid)))"

# to_json(d) reaches columns that only some versions have.
DATABASES_QUERY="
  select json_strip_nulls(json_build_object(
    'name', datname,
    'sizeBytes', case when has_database_privilege(d.oid, 'connect') then pg_database_size(d.oid) end,
    'encoding', pg_encoding_to_char(encoding),
    'collation', datcollate,
    'collationVersion', to_json(d) ->> 'datcollversion',
    'isTemplate', datistemplate,
    'allowsConnections', datallowconn)), datallowconn, datname
  from pg_database d order by datname"

# describe_databases: a JSON array, one object a database, each with its extensions. After 20 seconds those of further
# databases are left out, so that a thousand of them can't stop a discovery.
describe_databases() {
  local record json allows name extensions separator='' until=$((SECONDS + 20))
  printf '['
  while IFS= read -r -d '' record; do
    json=${record%%$'\t'*}
    record=${record#*$'\t'}
    allows=${record%%$'\t'*}
    name=${record#*$'\t'}
    if [[ $allows == t ]] && ((SECONDS < until)); then
      extensions=$(query "$name" "select coalesce(json_agg(extname order by extname), '[]') from pg_extension" 2>/dev/null) &&
        json="${json%\}},\"extensions\":$extensions}"
    fi
    printf '%s%s' "$separator" "$json"
    separator=,
  done < <(query "$ENTRY" "$DATABASES_QUERY" -0 -F $'\t')
  printf ']'
}

# write_metadata: what postSnapshot will say of the snapshot that is taken next, put into the dataset so that each snapshot
# carries its own. VERIFIED is a JSON boolean.
write_metadata() {
  local cluster databases preload
  cluster=$(query "$ENTRY" "
    select json_strip_nulls(json_build_object(
      'systemIdentifier', (select system_identifier::text from pg_control_system()),
      'version', split_part(current_setting('server_version'), ' ', 1),
      'major', current_setting('server_version_num')::integer / 10000,
      'timeline', timeline_id,
      'redoLsn', redo_lsn::text,
      'endLsn', case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end::text,
      'lastCommitAt', case when pg_is_in_recovery() then pg_last_xact_replay_timestamp() else now() end,
      'sizeBytes', (select sum(pg_database_size(oid)) from pg_database),
      'checksums', current_setting('data_checksums')::boolean,
      'walSegmentBytes', (select bytes_per_wal_segment from pg_control_init()),
      'superuser', (select rolname from pg_roles where oid = 10),
      'tablespaces', (select coalesce(json_agg(spcname order by spcname), '[]') from pg_tablespace where spcname not in ('pg_default', 'pg_global'))))
    from pg_control_checkpoint()")
  databases=$(describe_databases)
  preload=$([[ ! -e $OURS/preload ]] || printf '%s' "$(<"$OURS/preload")")
  json_string -v preload "$preload"
  printf '%s,"verified":%s,"sharedPreloadLibraries":%s,"databases":%s}\n' "${cluster%\}}" "$VERIFIED" "$preload" "$databases" >"$OURS/snapshot.json.veneer"
  mv -f -- "$OURS/snapshot.json.veneer" "$OURS/snapshot.json"
}
