#!/usr/bin/env bash
# Answers with a variable of its own and one that a login shell's profile has set. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local own profile
  json_string -v own "$OWN"
  json_string -v profile "${FROM_PROFILE-none}"
  emit "{\"own\":$own,\"profile\":$profile}"
}
main
