#!/usr/bin/env bash
# Removes a private directory that nobody owns any more, and stops the server that runs from it, if one does.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  if [[ -d $PRIVATE_DIR ]]; then
    stop_server
    remove_private_directory
  fi
  emit '{}'
}

# The pid file outlives its server, and its number may be another program's by now: it must be a postmaster of ours.
stop_server() {
  local process=''
  [[ ! -e $PRIVATE_DIR/postmaster.pid ]] || read -r process <"$PRIVATE_DIR/postmaster.pid" || true
  if [[ $process =~ ^[0-9]+$ && -O /proc/$process && $(readlink -- "/proc/$process/exe") == */postgres ]] && grep -Fqs -- "$PRIVATE_DIR/" /proc/net/unix; then
    POSTMASTER=$process
    follow /dev/null
    kill -QUIT "$process"
    await 15 gone ||
      fail data_directory_in_use "The server with process number $process can't be stopped." "End it, then run this again."
    unfollow
  fi
}

main
