#!/usr/bin/env bash
# Sets up all that the tests need, then checks types, style, scripts and runs every test.
# Ends with one line: N passed, N failed[, N skipped]. Arguments go to vitest: npm test -- postgres
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What the tests run for real.
PACKAGES=(postgresql btrfs-progs xfsprogs util-linux rsync attr expect shellcheck procps)

main() {
  bash shell/setup.sh "${PACKAGES[@]}"
  export TURBO_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1
  npx turbo run typecheck lint --output-logs=errors-only --no-update-notifier
  npx tsc -p test
  bash shell/lint.sh
  npx vitest run "$@"
}

main "$@"
