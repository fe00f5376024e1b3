#!/usr/bin/env bash
# What the demo plays on: a throwaway source under load, a throwaway engine, and questions to both. Sourced by demo.sh.

STAGE=
SOURCE_PORT=
DRIVER_USED=
DEV_URL=
VENEER_BIN=$PWD/packages/cli/dist/main.js

veneer() { node "$VENEER_BIN" --data-dir "$STAGE/engine" "$@"; }

# As the owner of databases: an OS user of their own where we are root, since PostgreSQL refuses root.
as_owner() { if ((EUID == 0)); then setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; else "$@"; fi; }

pg_bin() {
  local bins=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin) bin
  for bin in $(printf '%s\n' "${bins[@]}" | sort -rV); do [[ -x $bin/initdb ]] && printf '%s' "$bin" && return; done
  bin=$(command -v initdb) && printf '%s' "${bin%/*}"
}

raise_stage() {
  BIN=$(pg_bin) || { printf 'demo: no PostgreSQL server on this machine, and none could be installed without root.\n' >&2; exit 1; }
  ((EUID == 0)) || tell "Not root: no mounts and no btrfs here; the drivers reflink or copy are used, and mounts are symbolic links."
  STAGE=$(mktemp -d "${TMPDIR:-/tmp}/veneer-demo.XXXXXX")
  chmod 711 "$STAGE"
  printf '%s' "$PASSWORD" >"$STAGE/password"
  chmod 600 "$STAGE/password"
  chapter "The stage: a PostgreSQL with a pgbench database (scale $SCALE) and a running load, and an engine"
  raise_source
  raise_engine
}

raise_source() {
  local started=$EPOCHREALTIME data=$STAGE/source/data
  install -d -m 700 "$STAGE/source"
  ((EUID != 0)) || chown postgres:postgres "$STAGE/source"
  SOURCE_PORT=$(free_port)
  as_owner "$BIN/initdb" --pgdata "$data" --username postgres --auth-local peer --auth-host scram-sha-256 --data-checksums >"$STAGE/initdb.log"
  as_owner tee "$data/pg_ident.conf" <<<"owner $(as_owner id -un) postgres" >/dev/null
  as_owner sed -i 's/^local .*/local all all peer map=owner/' "$data/pg_hba.conf"
  as_owner "$BIN/pg_ctl" start --wait --silent --pgdata "$data" --log "$data/log" \
    --options "-p $SOURCE_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories='$STAGE/source' -c cluster_name=shop"
  printf "set standard_conforming_strings = on; create role replicator replication login password '%s';\n" "${PASSWORD//\'/\'\'}" | source_psql --quiet
  as_owner "$BIN/createdb" --host "$STAGE/source" --port "$SOURCE_PORT" --username postgres pgbench
  as_owner "$BIN/pgbench" --initialize --quiet --scale "$SCALE" --host "$STAGE/source" --port "$SOURCE_PORT" --username postgres pgbench >"$STAGE/pgbench.log" 2>&1
  # 50 transactions a second: enough to be always in the middle of something, and a small machine keeps its breath.
  as_owner "$BIN/pgbench" --client 2 --rate 50 --time 3600 --no-vacuum --host "$STAGE/source" --port "$SOURCE_PORT" --username postgres pgbench >>"$STAGE/load.log" 2>&1 &
  printf '%s\n' "$!" >"$STAGE/load.pid"
  took "source on port $SOURCE_PORT, $(human "$(query_source 'select pg_database_size(current_database())')")" "$started"
}

# The kernel names a free port for port 0.
free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }

raise_engine() {
  local started=$EPOCHREALTIME line pool=()
  [[ -z $DRIVER ]] || pool=(--pool-driver "$DRIVER")
  mkfifo "$STAGE/ready"
  node "$VENEER_BIN" engine start --data-dir "$STAGE/engine" --listen 127.0.0.1:0 --pool-size 20GiB "${pool[@]}" >"$STAGE/ready" 2>"$STAGE/engine.log" &
  printf '%s\n' "$!" >"$STAGE/engine.pid"
  exec {READY}<"$STAGE/ready"
  while read -r -t 60 line <&"$READY"; do
    [[ $line == *"token"* ]] && break
  done
  [[ ${line-} == *token* ]] || { sed 's/^/    /' "$STAGE/engine.log" >&2; printf 'demo: the engine did not start.\n' >&2; exit 1; }
  DRIVER_USED=$(veneer pool list --json | node_field 'items[0].driver')
  took "engine ready, storage driver $DRIVER_USED" "$started"
}

# One value of a JSON document on standard input.
# shellcheck disable=SC2016 # JavaScript
node_field() { node -e 'const d = JSON.parse(require("fs").readFileSync(0, "utf8")); console.log(Function("d", `return d.${process.argv[1]}`)(d))' "$1"; }

source_id() { veneer source list --environment here --json | node_field "items.find((item) => item.definition.port === $SOURCE_PORT)?.id ?? \"\""; }

source_psql() { as_owner "$BIN/psql" --no-psqlrc --set ON_ERROR_STOP=1 --host "$STAGE/source" --port "$SOURCE_PORT" --username postgres "$@"; }
query_source() { source_psql --quiet --tuples-only --no-align --dbname pgbench --command "$1"; }
source_url() { printf 'postgresql:///pgbench?host=%s&port=%s&user=postgres' "$STAGE/source" "$SOURCE_PORT"; }

query() { as_owner "$BIN/psql" --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --command "$2" "$1"; }
vdb_url() { veneer vdb url "$1" | sed 's|/postgres$|/pgbench|'; }

# The four sums of a TPC-B database agree at every moment (pgbench's own transaction keeps them so).
sums_agree() {
  [[ $(query "$1" 'select (select sum(abalance) from pgbench_accounts) = (select sum(tbalance) from pgbench_tellers)
    and (select sum(bbalance) from pgbench_branches) = (select coalesce(sum(delta), 0) from pgbench_history)
    and (select sum(abalance) from pgbench_accounts) = (select sum(bbalance) from pgbench_branches)') == t ]]
}

table_named() {
  local found
  found=$(query "$(vdb_url "$1")" "select to_regclass('$2') is not null")
  [[ $found == t && $3 == present || $found == f && $3 == absent ]]
}
table_is() { table_named "$1" pgbench_history "$2"; }
source_has_history() { [[ $(query_source "select to_regclass('pgbench_history') is not null") == t ]]; }
accounts_are() { [[ $(query "$(vdb_url "$1")" 'select count(*) from pgbench_accounts') == "$2" ]]; }
no_slot() { [[ $(query_source 'select count(*) from pg_replication_slots') == 0 ]]; }
same_url() { [[ $(vdb_url dev) == "$DEV_URL" ]]; }
usage_of() { veneer vdb usage "$1" --json | node_field 'ownBytes + " " + d.logicalBytes'; }

# In no argument of any process, not in the engine's log and not in a listing. The pattern comes from a file, so that grep
# does not find itself.
password_is_hidden() {
  veneer dsource show sales --json >"$STAGE/shown"
  cat /proc/[0-9]*/cmdline >"$STAGE/processes" 2>/dev/null || true
  ! grep --quiet --text --fixed-strings --file="$STAGE/password" "$STAGE/processes" "$STAGE/engine.log" "$STAGE/shown"
}

# Ends everything the demo started, whatever state it is in. With --keep only a failed demo is struck.
strike_stage() {
  local status=$1
  trap - EXIT
  if [[ $KEEP && $status == 0 ]]; then exit 0; fi
  [[ $status == 0 ]] || { printf '\nThe engine said:\n' >&2; tail -n 20 "$STAGE/engine.log" 2>/dev/null | sed 's/^/    /' >&2; }
  bash shell/demo/strike.sh "$STAGE"
  exit "$status"
}
