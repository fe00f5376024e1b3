#!/usr/bin/env bash
# The bytes of the cluster at MOUNT as its file system counts them. Changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  local bytes total=0
  need du
  while read -r bytes _; do
    total=$((total + bytes))
  done < <(du -sb -- "$DATA" "$MOUNT/tablespaces" 2>/dev/null || true) # files come and go meanwhile
  emit "{\"bytes\":$total}"
}

main
