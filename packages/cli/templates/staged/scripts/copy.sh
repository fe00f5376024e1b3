#!/usr/bin/env bash
# Makes MOUNT hold what SOURCE holds; with RESYNC it is emptied first. Running it again brings it up to date.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local links=--no-dereference
  [[ -d $SOURCE ]] || fail source_missing "The directory $SOURCE is gone." "Bring it back, or link another one."
  [[ $FOLLOW_LINKS != true ]] || links=--dereference
  if [[ $RESYNC == true ]]; then
    find "$MOUNT/" -mindepth 1 -delete
  else
    remove_surplus
  fi
  progress 0.1 "Copying $SOURCE"
  cp --archive "$links" --remove-destination -- "$SOURCE/." "$MOUNT/"
  emit '{}'
}

# Removes from the copy what the source no longer has, or has as something else.
remove_surplus() {
  local path
  while IFS= read -r -d '' path; do
    is_same_kind "$SOURCE/$path" "$MOUNT/$path" || rm --recursive --force -- "${MOUNT:?}/$path"
  done < <(find "$MOUNT/" -mindepth 1 -printf '%P\0')
}

is_same_kind() {
  local here=file there=file
  [[ -e $1 || -L $1 ]] || return 1
  ! is_directory "$1" || here=directory
  ! is_directory "$2" || there=directory
  [[ $here == "$there" ]]
}

is_directory() { [[ -d $1 && ($FOLLOW_LINKS == true || ! -L $1) ]]; }

main
