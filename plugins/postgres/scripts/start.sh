#!/usr/bin/env bash
# Starts a configured VDB and waits until it takes connections. If it runs already, nothing changes.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  need setsid tail
  need_binaries postgres
  [[ -e $OURS/postgresql.conf ]] ||
    fail not_configured "The dataset at $MOUNT is no configured VDB." "Disable the VDB, then enable it."
  private_directory
  postmaster
  if [[ $POSTMASTER && $STATUS == ready ]]; then
    emit '{}'
    return
  fi
  stop_postmaster fast 30
  discard_pid_file
  if [[ -s $LOG && $(stat -c %s -- "$LOG") -gt 16777216 ]]; then
    mv -f -- "$LOG" "$LOG.1"
  fi
  launch_postmaster "$OURS/postgresql.conf"
  await_postmaster "$SECONDS_TO_START"
  unfollow
  emit '{}'
}

main
