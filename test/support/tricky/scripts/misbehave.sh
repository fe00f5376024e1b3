#!/usr/bin/env bash
# Breaks the script contract in the way HOW names. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  case $HOW in
    fail) fail disk_full "The disk is full." "Free some space." "df says $PASSWORD" ;;
    exit)
      log "about to die with $PASSWORD"
      exit 5
      ;;
    leak)
      log "the password is $PASSWORD"
      progress 0.75 "using $PASSWORD"
      emit '{"n":1}'
      ;;
    wrong) emit '{"n":"one"}' ;;
    silent) : ;;
    twice)
      emit '{"n":1}'
      emit '{"n":2}'
      ;;
    chatty)
      printf 'hello\n' >&3
      emit '{"n":1}'
      ;;
    huge) head -c 9000000 /dev/zero >&3 ;;
    *) emit '{"n":1}' ;;
  esac
}
main
