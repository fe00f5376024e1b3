# Says what to do about a copy that failed: sourced by copy.sh.
# shellcheck shell=bash

# explain CODE OUTPUT: ends the script with an error for the person, by what rsync or ssh said.
explain() {
  local code=$1 output=$2 me there=${LOGIN:+$LOGIN@}${ADDRESS-} where=${ADDRESS:-this host} again=", then sync again."
  me="$(id -un) on $(uname -n)"
  case $output in
    *": Permission denied ("[a-z]* | *"Too many authentication failures"*)
      fail ssh_denied "$me can't log in at $there without a password." "$(how_to_log_in "$me")$again" "$output" ;;
    *"REMOTE HOST IDENTIFICATION HAS CHANGED"*)
      fail ssh_host_key_changed "$ADDRESS has another host key than the one that $me knows." "See whether it was installed anew, or somebody stands between. Only then, as $me, run: $(how_to_forget "$output")$again" "$output" ;;
    *"Host key verification failed"*)
      fail ssh_host_unknown "$me has never been at $ADDRESS and does not know its host key." "As $me, run: ssh $(to_source) true; compare the key that it shows with the host's own, accept it$again" "$output" ;;
    *"Could not resolve hostname"*)
      fail ssh_unreachable "$me does not know the host name $ADDRESS." "Correct the source address$again" "$output" ;;
    *"Connection refused"* | *"timed out"* | *"No route to host"* | *"unreachable"* | *"Timeout, server"* | *"Connection closed by"* | *"Connection reset by"*)
      fail ssh_unreachable "$me can't reach $ADDRESS by SSH, or lost it." "See that the host is up, and that its SSH server takes connections at that address and port$again" "$output" ;;
    *"rsync: command not found"* | *"rsync: not found"* | *"rsync: No such file"*)
      fail program_missing "The program rsync is not on $where, or not where a command run by SSH finds it." "Install it there$again" "$output" ;;
    *"is your shell clean"*)
      fail login_talkative "Logging in at $there prints something, which rsync takes for an answer." "Let its shell's start-up files print nothing when nobody is at a terminal$again" "$output" ;;
    *'change_dir "'*": No such file or directory"* | *'change_dir "'*": Not a directory"*)
      fail source_missing "There is no directory $DIRECTORY on $where." "Bring it back, or correct the source address$again" "$output" ;;
    *"No space left on device"* | *"Disk quota exceeded"*)
      fail pool_full "$DIRECTORY does not fit into the engine's pool." "Make room in the pool$again" "$output" ;;
    *"not supported"*)
      fail attributes_unsupported "ACLs or extended attributes of $DIRECTORY can't be kept." "Use an rsync, and a pool, that can keep them; the output tells which can't$again" "$output" ;;
    *"Permission denied (13)"* | *"Operation not permitted (1)"*)
      fail source_unreadable "Not all of $DIRECTORY can be copied by ${there:-$me}." "Let ${there:-$me} read all of it; the output tells what can't be read$again" "$output" ;;
    *) fail copy_failed "rsync ended with exit code $code." "Mend what it complains of$again" "$output" ;;
  esac
}

# how_to_log_in ME: with the key that ssh would offer first, of those that are there.
how_to_log_in() {
  local word value
  while read -r word value; do
    value=${value/#\~/$HOME}
    [[ $word == identityfile && -e $value.pub ]] || continue
    printf 'As %s, run: ssh-copy-id -i %q %s' "$1" "$value.pub" "$(to_source)"
    return
  done < <("${SSH[@]}" -G -- "$ADDRESS")
  printf 'As %s, make a key by ssh-keygen, and run: ssh-copy-id %s' "$1" "$(to_source)"
}

# As a person writes it behind ssh or ssh-copy-id.
to_source() {
  printf '%s' "${SSH_CONFIG:+-F $SSH_CONFIG }${SSH_PORT:+-p $SSH_PORT }${LOGIN:+$LOGIN@}$ADDRESS"
}

# how_to_forget OUTPUT: ssh says in which file the old key is; there, the host's name has the port with it where that is not 22.
how_to_forget() {
  local host=$ADDRESS file=''
  [[ ! ${SSH_PORT-} || $SSH_PORT == 22 ]] || host="'[$ADDRESS]:$SSH_PORT'"
  [[ ! $1 =~ Offending\ [^\ ]+\ key\ in\ ([^$'\n']+):[0-9]+ ]] || printf -v file ' -f %q' "${BASH_REMATCH[1]}"
  printf 'ssh-keygen%s -R %s' "$file" "$host"
}
