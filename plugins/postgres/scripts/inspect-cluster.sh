#!/usr/bin/env bash
# Says what a cluster's owner can learn of it: a running one by asking it, a stopped one from its control file. Changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=catalog.sh
source "${BASH_SOURCE[0]%/*}/catalog.sh"

main() {
  if [[ ${RUNNING-} ]]; then
    ask_cluster
  else
    read_control_file
  fi
}

ask_cluster() {
  local cluster user refusal=''
  user=$(id -un)
  export PGHOST=${SOCKET_DIR:-127.0.0.1} PGPORT=$PORT
  for PGUSER in "$user" postgres; do
    export PGUSER
    if entry_database && cluster=$(query "$ENTRY" "$CLUSTER_QUERY" 2>&1); then
      emit "${cluster%\}},\"databases\":$(describe_databases)}"
      return
    fi
    refusal+=${cluster:-$REASON}$'\n'
  done
  explain "$user" "$refusal"
}

# explain USER REFUSAL: the cluster is there, and this is what lets us ask it.
explain() {
  local reason action="Add this line to its pg_hba.conf, then run SELECT pg_reload_conf(): local all \"$1\" peer"
  if [[ $2 == *'role "'*'" does not exist'* ]]; then
    action="In the cluster run: CREATE ROLE \"${1//\"/\"\"}\" LOGIN; GRANT pg_monitor TO \"${1//\"/\"\"}\";"
  elif [[ $2 == *'is not permitted to log in'* ]]; then
    action="In the cluster run: ALTER ROLE \"${1//\"/\"\"}\" LOGIN;"
  elif [[ $2 == *'permission denied'* && $2 != *socket* ]]; then
    action="In the cluster run: GRANT pg_monitor TO \"${1//\"/\"\"}\";"
  fi
  json_string -v reason "It refuses to be asked by $1: ${2%%$'\n'*}"
  json_string -v action "$action"
  emit "{\"reason\":$reason,\"action\":$action}"
}

read_control_file() {
  local output name value identifier='' wal='' checksums=false
  output=$(LC_ALL=C "$BIN_DIR/pg_controldata" -D "$DATA_DIR" 2>&1) ||
    fail control_file_unreadable "The control file of $DATA_DIR can't be read." "See what the output says of that directory." "$output"
  while IFS=: read -r name value; do
    value=${value#"${value%%[! ]*}"}
    case $name in
      'Database system identifier') identifier=$value ;;
      'wal_level setting') wal=$value ;;
      'Data page checksum version') [[ $value == 0 ]] || checksums=true ;;
    esac
  done <<<"$output"
  emit "{\"systemIdentifier\":\"$identifier\",\"walLevel\":\"$wal\",\"checksums\":$checksums,\"reason\":\"It does not run.\",\"action\":\"Start it, then refresh the environment, to see its databases.\"}"
}

main
