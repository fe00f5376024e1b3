#!/usr/bin/env bash
# Lists the SQLite databases at most three levels below ROOTS, which are separated by colons. Changes nothing.
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local folders=() file list='' text
  IFS=: read -r -a folders <<<"$ROOTS"
  while IFS= read -r -d '' file; do
    is_database "$file" || continue
    json_string -v text "$file"
    list+=${list:+,}$text
  done < <(find "${folders[@]}" -maxdepth 3 -type f \( -name '*.db' -o -name '*.sqlite' -o -name '*.sqlite3' \) -print0 2>/dev/null)
  emit "{\"files\":[$list]}"
}

# They all begin with the same 16 bytes, of which the last is zero.
is_database() {
  local begin=''
  IFS= read -r -N 15 begin <"$1" 2>/dev/null || true
  [[ $begin == 'SQLite format 3' ]]
}

main
