#!/usr/bin/env bash
# Makes MOUNT hold a copy of the database SOURCE as it is at one moment, whoever is writing to it; with CHECK, a sound one.
# Nothing is written to the source. Running it again makes the copy anew.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local said
  need sqlite3
  [[ -f $SOURCE ]] || fail source_missing "There is no database $SOURCE." "Bring it back, or link another one."
  cd "$MOUNT"
  rm -f -- new.sqlite*
  progress 0.1 "Copying $SOURCE"
  said=$(sqlite3 -readonly -cmd '.timeout 60000' "$SOURCE" '.backup new.sqlite' 2>&1) ||
    fail copy_failed "SQLite could not copy $SOURCE." "See what it said: a lock that is held for long, or a file that is no database or can't be read." "$said"
  [[ $CHECK == false ]] || check
  mv -- new.sqlite database.sqlite
}

# The copy is looked at, not the source, which has other things to do.
check() {
  local said
  progress 0.7 "Checking the copy"
  said=$(sqlite3 'file:new.sqlite?immutable=1' 'pragma integrity_check' 2>&1) || true
  [[ $said == ok ]] || fail database_damaged "The copy of $SOURCE is damaged, and so perhaps is the database." "Run pragma integrity_check on the source and repair it, then sync again." "$said"
}

main
