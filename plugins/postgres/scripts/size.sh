#!/usr/bin/env bash
# The bytes of the cluster at MOUNT as its file system counts them. Changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=postgres.sh
source "${BASH_SOURCE[0]%/*}/postgres.sh"

main() {
  local bytes
  need du
  bytes=$(du -sb -- "$DATA" "$MOUNT/tablespaces" 2>/dev/null | { total=0; while read -r size _; do total=$((total + size)); done; printf '%s' "$total"; }) || true
  emit "{\"bytes\":${bytes:-0}}"
}

main
