#!/usr/bin/env bash
# Counts the tables of the database in MOUNT, and its bytes. Changes nothing.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local tables bytes
  need sqlite3
  cd "$MOUNT"
  # Immutable, or SQLite would make files beside a database in WAL mode.
  tables=$(sqlite3 'file:database.sqlite?immutable=1' "select count(*) from sqlite_schema where type = 'table'")
  bytes=$(stat --format=%s database.sqlite)
  emit "{\"tables\":$tables,\"bytes\":$bytes}"
}

main
