#!/usr/bin/env bash
# Says how a cluster is: by its postmaster.pid, and then by asking it. Changes nothing but the age of the password file,
# so that no cleaner of /tmp takes it.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"
# shellcheck source=catalog.sh
source "${BASH_SOURCE[0]%/*}/catalog.sh"

main() {
  local reason
  postmaster
  if [[ ! $POSTMASTER ]]; then
    emit '{"state":"inactive","reason":"PostgreSQL does not run."}'
    return
  fi
  [[ ! -e $PRIVATE_DIR/pgpass ]] || touch -- "$PRIVATE_DIR/pgpass"
  export PGHOST=$PRIVATE_DIR PGPORT=$PORT PGUSER=$ROLE
  if ! entry_database; then
    json_string -v reason "$REASON"
    emit "{\"state\":\"degraded\",\"reason\":$reason,\"action\":\"Read $LOG.\"}"
    return
  fi
  if [[ ${STANDBY-} && $(query "$ENTRY" "select count(*) from pg_stat_get_wal_receiver() where status = 'streaming'") == 0 ]]; then
    emit "{\"state\":\"degraded\",\"reason\":\"The standby receives nothing from the source.\",\"action\":\"Sync, which says why.\"}"
    return
  fi
  emit '{"state":"active"}'
}

main
