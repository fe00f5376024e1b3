#!/usr/bin/env bash
# Checks every shell script of the repository with shellcheck. Changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

main() {
  local scripts
  mapfile -t scripts < <(git ls-files --cached --others --exclude-standard -- '*.sh' .ci/run)
  shellcheck --external-sources --source-path=SCRIPTDIR --source-path=shell "${scripts[@]}"
}

main "$@"
