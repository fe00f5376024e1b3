#!/usr/bin/env bash
# Says SECRET in the way HOW names. Changes nothing.
# shellcheck source=shell/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local json
  json_string -v json "$SECRET"
  case $HOW in
    says)
      log "the secret is $SECRET"
      printf 'set SECRET=%q\n' "$SECRET" >&2
      progress 0.5 "with $SECRET"
      emit "{\"said\":\"well\"}"
      ;;
    fails) fail "code_of_$SECRET" "It failed with $SECRET." "Try $SECRET." "Its output: $SECRET" ;;
    ends)
      log "$SECRET"
      exit 5
      ;;
    "ends in the middle")
      # The last 4 KiB that an error shows begin inside the secret.
      printf '%s%04070d' "$SECRET" 0 >&2
      exit 5
      ;;
    chatters) printf 'no document but %s\n' "$SECRET" >&3 ;;
    misfits) emit "{\"said\":[$json]}" ;;
    traces)
      set -x
      true "$SECRET"
      set +x
      emit "{\"said\":\"well\"}"
      ;;
    hides)
      # Not exported, so no program that is started here has it.
      sleep 0.2
      emit "{\"said\":\"well\"}"
      ;;
  esac
}
main
