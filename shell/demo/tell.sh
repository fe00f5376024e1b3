#!/usr/bin/env bash
# How the demo speaks: chapters, commands with their time, claims that are checked. Sourced by demo.sh.

CLAIMS=0
FALSE=0
BACKGROUND=()
if [[ -t 1 ]]; then BOLD=$'\e[1m' DIM=$'\e[2m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'; else BOLD='' DIM='' GREEN='' RED='' PLAIN=''; fi

chapter() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
tell() { printf '  %s\n' "$*"; }

# Milliseconds between a value of EPOCHREALTIME and now.
since() {
  local from=${1/[.,]/} now=${EPOCHREALTIME/[.,]/}
  printf '%d' $(((now - from) / 1000))
}
took() { printf '  %s%s: %s ms%s\n' "$DIM" "$1" "$(since "$2")" "$PLAIN"; }

# The command as a person would type it, folded: a path of the stage would only distract.
typed() { printf '%s' "$*" | sed "s|$STAGE|\$STAGE|g" | fold --spaces --width=72 | sed -e 's/ $/ \\/' -e '2,$s/^/      /'; }

# Runs a command, shows it with what it says, and how long it took. A failing one ends the demo.
show() {
  local started=$EPOCHREALTIME
  printf '  %s$ %s%s\n' "$BOLD" "$(typed "$@")" "$PLAIN"
  "$@" 2>&1 | sed 's/^/    /'
  took "took" "$started"
}

# Starts a command beside the next one; show_end waits for all and shows what they said.
show_background() {
  local out=$STAGE/background-${#BACKGROUND[@]}
  printf '  %s$ %s &%s\n' "$BOLD" "$(typed "$@")" "$PLAIN"
  "$@" >"$out" 2>&1 &
  BACKGROUND+=("$!:$out")
}
show_end() {
  local entry status=0
  for entry in "${BACKGROUND[@]}"; do
    wait "${entry%%:*}" || status=$?
    sed 's/^/    /' "${entry#*:}"
  done
  BACKGROUND=()
  return "$status"
}

# Says something and finds out whether it is true.
claim() {
  local text=$1
  shift
  CLAIMS=$((CLAIMS + 1))
  if "$@"; then
    printf '  %s✔ %s%s\n' "$GREEN" "$text" "$PLAIN"
  else
    FALSE=$((FALSE + 1))
    printf '  %s✘ %s: not true%s\n' "$RED" "$text" "$PLAIN"
  fi
}

finish() {
  printf '\n%s%s claims, %s of them false.%s\n' "$BOLD" "$CLAIMS" "$FALSE" "$PLAIN"
  ((FALSE == 0))
}

human() { numfmt --to=iec-i --suffix=B --format='%.1f' "$1"; }
