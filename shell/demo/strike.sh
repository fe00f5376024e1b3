#!/usr/bin/env bash
# Takes a demo's stage down: load, VDBs, engine, source, pool, files. Usage: strike.sh STAGE
# Finds everything by the stage's own folder, so it works however far the demo came. Running it again changes nothing.
set -uo pipefail

STAGE=${1:?usage: strike.sh STAGE}
[[ -d $STAGE && ${STAGE##*/} == veneer-demo.* ]] || { printf 'strike: %s is no stage of the demo.\n' "$STAGE" >&2; exit 2; }

# Ends a process and waits until it is gone; an ended one is fine.
end() {
  local pid=$1 signal=$2
  kill "-$signal" "$pid" 2>/dev/null || return 0
  timeout 30 tail --pid="$pid" -f /dev/null || kill -KILL "$pid" 2>/dev/null
}

end_noted() {
  local file=$STAGE/$1.pid
  [[ ! -r $file ]] || end "$(<"$file")" TERM
}

# Postmasters of the stage: VDBs and staging below its mounts, the engine's catalog, the source. SIGQUIT: nothing of theirs is kept.
end_postmasters() {
  local pidfile
  for pidfile in "$STAGE"/engine/mnt/*/*/data/postmaster.pid "$STAGE"/engine/catalog/data/postmaster.pid "$STAGE"/source/data/postmaster.pid; do
    [[ -r $pidfile ]] || continue
    end "$(head -n 1 "$pidfile")" QUIT
  done
}

unmount() {
  local mount
  while read -r mount; do umount "$mount"; done < <(awk -v under="$STAGE/" 'index($5, under) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
  while IFS=: read -r device _; do losetup --detach "$device"; done < <(losetup --list --noheadings --output NAME,BACK-FILE 2>/dev/null | awk -v under="$STAGE/" 'index($2, under) == 1 { print $1 ":" }')
}

# What scripts keep outside datasets, marked with the engine's id.
remove_private_directories() {
  local directory engine
  [[ -s $STAGE/engine/engine-id ]] || return 0
  engine=$(<"$STAGE/engine/engine-id")
  for directory in /tmp/veneer-*; do
    # A file of one line; without an id of our own nothing may match.
    if [[ $engine && -f $directory/engine && $(<"$directory/engine") == "$engine" ]]; then rm -rf -- "$directory"; fi
  done
}

main() {
  end_noted load
  end_noted engine
  end_postmasters
  ((EUID != 0)) || unmount
  remove_private_directories 2>/dev/null
  rm -rf -- "$STAGE"
}

main
