#!/usr/bin/env bash
# Lists the private directories on this host that this engine's dSources and VDBs made. Changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

main() {
  local directory list='' owner engine
  need cat stat
  for directory in /tmp/veneer-*; do
    if [[ -d $directory && ! -L $directory && -r $directory/engine && ${directory##*/veneer-} =~ ^[A-Za-z0-9]+$ ]]; then
      # Others' come and go while this looks.
      engine=$(cat -- "$directory/engine" 2>/dev/null) || continue
      owner=$(stat -c %U -- "$directory" 2>/dev/null) || continue
      if [[ $engine == "${VENEER_ENGINE-}" && $owner =~ ^[A-Za-z0-9._-]+$ ]]; then
        list+="${list:+,}{\"path\":\"$directory\",\"source\":\"${directory##*/veneer-}\",\"owner\":\"$owner\"}"
      fi
    fi
  done
  emit "{\"directories\":[$list]}"
}

main
