#!/usr/bin/env bash
# Makes MOUNT hold what DIRECTORY holds, on this host or, by SSH, at ADDRESS; with RESYNC it is emptied first. Nothing is
# written to the source. Cut off and run again, it goes on from there.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=explain.sh
source "${BASH_SOURCE[0]%/*}/explain.sh"

main() {
  local code=0 complaints
  need rsync
  if [[ ${ADDRESS-} ]]; then need ssh; else refuse_overlap; fi
  [[ $RESYNC != true ]] || find "$MOUNT/" -mindepth 1 -delete

  # A file without a name: nothing is left of it, however this ends.
  complaints=$(mktemp)
  exec 4<>"$complaints"
  rm -- "$complaints"

  copy_command
  log "Copying $DIRECTORY${ADDRESS:+ of $ADDRESS}"
  LC_ALL=C "${COPY[@]}" 2>&4 | watch_progress || code=$?
  complaints=$(tail --bytes=4096 /dev/fd/4)
  case $code in
    0) ;;
    24) log "Removed at the source while it was read, and so not in the copy: $complaints" ;;
    *) explain "$code" "$complaints" ;;
  esac
}

# On one host, one of the two could be inside the other: the copy would hold itself, or overwrite what it is made of.
refuse_overlap() {
  local from to
  from=$(readlink --canonicalize-missing -- "$DIRECTORY")
  to=$(readlink --canonicalize-missing -- "$MOUNT")
  [[ ${from%/}/ != "$to"/* && $to/ != "${from%/}"/* ]] ||
    fail directories_overlap "Of $DIRECTORY and the mount location $MOUNT, one is inside the other." "Choose a mount location elsewhere."
}

# Sets COPY to the command that copies. Modes, owners by number, times, links, holes, ACLs and the extended attributes
# that users set are kept, as far as this user may set them; devices, sockets and pipes are left out. A file is taken for
# unchanged when it has the same size and, to the nanosecond, the same time of change.
copy_command() {
  local from=$DIRECTORY/
  COPY=(
    rsync --archive --no-devices --no-specials --hard-links --sparse --numeric-ids --acls --xattrs --filter='+x user.*' --filter='-x *'
    --modify-window=-1 --delete --protect-args --info=progress2
  )
  if [[ ${ADDRESS-} ]]; then
    ssh_command
    COPY+=(--rsh="${SSH[*]}")
    literal from
    if [[ $ADDRESS == *:* ]]; then from=[$ADDRESS]:$from; else from=$ADDRESS:$from; fi
  fi
  COPY+=(-- "$from" "$MOUNT/")
}

# literal NAME: where a path has a wildcard, the sender looks for what matches; a backslash takes that away.
literal() {
  local path=${!1} char
  [[ $path == *[*?[]* ]] || return 0
  for char in \\ '*' '?' '[' ']'; do path=${path//"$char"/"\\$char"}; done
  printf -v "$1" '%s' "$path"
}

# Sets SSH to the command that logs in at ADDRESS: it never asks, it notices a dead network, and it leaves nothing running.
ssh_command() {
  SSH=(
    ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=30 -o ControlMaster=no
    ${SSH_CONFIG:+-F "$SSH_CONFIG"} ${SSH_PORT:+-p "$SSH_PORT"} ${LOGIN:+-l "$LOGIN"}
  )
}

# Reads what rsync writes over its own line: "  1,234,567  45%  10.21MB/s  0:00:03", and after each file how many more it
# knows of: "(xfr#3, to-chk=5/10)". While it still looks for files it says ir-chk, and its percentage is not of everything.
watch_progress() {
  local line fraction found_all=yes
  while IFS= read -r -d $'\r' line || [[ $line ]]; do
    case $line in
      *' ir-chk='*) found_all='' ;;
      *' to-chk='*) found_all=yes ;;
    esac
    if [[ $found_all && $line =~ \ ([0-9]+)%\  ]]; then
      printf -v fraction '%d.%02d' $((BASH_REMATCH[1] / 100)) $((BASH_REMATCH[1] % 100))
      progress "$fraction" "Copying $DIRECTORY"
    fi
  done
}

main
