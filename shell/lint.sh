#!/usr/bin/env bash
# Checks every shell script of the repository, and the tests that belong to no package. Changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

main() {
  local scripts
  mapfile -t scripts < <(git ls-files --cached --others --exclude-standard -- '*.sh' .ci/run)
  npx oxlint --type-aware --deny-warnings --quiet test packages/*/test packages/docs/examples plugins/*/test
  shellcheck --external-sources --source-path=SCRIPTDIR --source-path=shell "${scripts[@]}"
}

main "$@"
