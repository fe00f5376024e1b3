#!/usr/bin/env bash
# Makes MOUNT hold the notes of SOURCE: those called PATTERN, and of at most LARGEST_MIB, where these are given.
# With RESYNC it is emptied first. Running it again brings it up to date.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local wanted=(-maxdepth 1 -type f ! -name '.*') notes=()
  need cp find
  [[ -d $SOURCE ]] || fail source_missing "The directory $SOURCE is gone." "Bring it back, or link another one."
  [[ ! ${PATTERN-} ]] || wanted+=(-name "$PATTERN")
  [[ ! ${LARGEST_MIB-} ]] || wanted+=(-size "-$((LARGEST_MIB * 1024 * 1024 + 1))c")
  [[ $RESYNC == false ]] || find "$MOUNT/" -mindepth 1 -delete
  remove_surplus
  mapfile -d '' notes < <(find "$SOURCE/" "${wanted[@]}" -print0)
  progress 0.5 "Copying ${#notes[@]} notes"
  ((${#notes[@]} == 0)) || cp --archive --update --target-directory="$MOUNT" -- "${notes[@]}"
  emit "{\"copied\":${#notes[@]}}"
}

# Removes from the copy what the source no longer has.
remove_surplus() {
  local note
  for note in "$MOUNT"/*; do
    [[ -f $SOURCE/${note##*/} ]] || rm --recursive --force -- "$note"
  done
}

main
