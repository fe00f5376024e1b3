#!/usr/bin/env bash
# Sets up all that the tests need, then runs every test and, beside them, the checks of types, style and scripts.
# Ends with one line: N passed, N failed[, N skipped]. A check that fails says so at once, and fails the whole in the end.
# Arguments go to vitest: npm test -- --project postgres
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What the tests run for real.
PACKAGES=(postgresql btrfs-progs xfsprogs util-linux rsync openssh-client openssh-server sudo attr shellcheck procps sqlite3)

checks() {
  npx turbo run typecheck lint --output-logs=errors-only --no-update-notifier && npx tsc -p test && bash shell/lint.sh
}

# Prints nothing unless something is wrong.
check() {
  local said
  said=$(checks 2>&1) || {
    printf '%s\n\nThe checks failed; the tests go on.\n' "$said" >&2
    return 1
  }
}

main() {
  local tested=0
  bash shell/setup.sh "${PACKAGES[@]}"
  export TURBO_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1
  check &
  npx vitest run "$@" || tested=$?
  wait $! || tested=$?
  return "$tested"
}

main "$@"
