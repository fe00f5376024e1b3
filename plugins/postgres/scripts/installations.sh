# Finds PostgreSQL on a host without being told where and without walking its file system: by running postmasters, by who
# listens on TCP ports, by package databases, well-known places and PATH.
# shellcheck shell=bash

INSTALLATIONS=()          # program directories, the same one once
POSTMASTERS=()            # process numbers
declare -A PROGRAM_OF=()  # process number to program directory
declare -A PORT_OF=()     # process number to a TCP port it listens on

# add_installation DIRECTORY: takes it if a server's programs are there; links are followed to where they really are.
add_installation() {
  local program directory known
  [[ -x $1/postgres ]] || return 0
  program=$(readlink -f -- "$1/postgres") || return 0
  directory=${program%/*}
  [[ -x $directory/pg_controldata ]] || return 0
  for known in ${INSTALLATIONS[@]+"${INSTALLATIONS[@]}"}; do
    [[ ! $known -ef $directory ]] || return 0
  done
  INSTALLATIONS+=("$directory")
}

# Postmasters by their name; their children have one for a parent.
find_postmasters() {
  local process name stat
  local -A parent=()
  for process in /proc/[0-9]*; do
    { read -r name <"$process/comm" && read -r stat <"$process/stat"; } 2>/dev/null || continue
    if [[ $name == postgres || $name == postmaster || $name == edb-postgres ]]; then
      stat=${stat##*) ? }
      parent[${process##*/}]=${stat%% *}
    fi
  done
  for process in "${!parent[@]}"; do
    if [[ ! ${parent[${parent[$process]}]-} ]]; then
      add_postmaster "$process"
    fi
  done
}

# add_postmaster PROCESS: by its program, else, where only its command line may be read, by that.
add_postmaster() {
  local program
  [[ ! ${PROGRAM_OF[$1]-} ]] || return 0
  program=$(readlink -- "/proc/$1/exe" 2>/dev/null) || IFS= read -r -d '' program <"/proc/$1/cmdline" || return 0
  program=${program% (deleted)}
  [[ $program == /* && -x ${program%/*}/pg_controldata ]] || return 0
  PROGRAM_OF[$1]=${program%/*}
  POSTMASTERS+=("$1")
  add_installation "${program%/*}"
}

# Postmasters by the ports they listen on, whatever their name. Needs the right to see their open files.
find_listeners() {
  local table local_address state inode path target process
  local -A port=()
  for table in /proc/net/tcp /proc/net/tcp6; do
    { while read -r _ local_address _ state _ _ _ _ _ inode _; do
      if [[ $state == 0A ]]; then
        port[$inode]=$((16#${local_address##*:}))
      fi
    done <"$table"; } 2>/dev/null || true
  done
  ((${#port[@]})) && type -P find >/dev/null || return 0
  while read -r path target; do
    inode=${target#socket:[}
    inode=${inode%]}
    if [[ $inode && ${port[$inode]-} ]]; then # a file may be closed meanwhile
      process=${path#/proc/}
      process=${process%%/*}
      PORT_OF[$process]=${port[$inode]}
    fi
  done < <(timeout 10 find /proc/[0-9]*/fd -maxdepth 1 -lname 'socket:*' -printf '%p %l\n' 2>/dev/null || true)
  for process in "${!PORT_OF[@]}"; do
    add_postmaster "$process"
  done
}

# Packages know where their server is.
find_packaged() {
  local package path
  if type -P dpkg-query >/dev/null; then
    while IFS= read -r package; do
      while IFS= read -r path; do
        [[ $path != */bin/postgres ]] || add_installation "${path%/*}"
      done < <(dpkg-query -L "$package" 2>/dev/null)
    done < <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 'postgresql-[0-9]*' 2>/dev/null | sed -n 's/^ii *\(postgresql-[0-9.]*\)$/\1/p')
  fi
  if type -P rpm >/dev/null; then
    while IFS= read -r path; do
      [[ $path != */bin/postgres ]] || add_installation "${path%/*}"
    done < <(timeout 20 rpm -qa --list 'postgresql*server' 2>/dev/null)
  fi
}

find_installations() {
  local directory directories
  find_postmasters
  find_listeners
  find_packaged
  for directory in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql*/bin /usr/lib/postgresql*/bin /opt/*/bin /opt/*/*/bin /usr/local/bin /usr/bin; do
    add_installation "$directory"
  done
  IFS=: read -r -a directories <<<"$PATH"
  for directory in "${directories[@]}"; do
    add_installation "$directory"
  done
  if type -P pg_config >/dev/null; then
    add_installation "$(pg_config --bindir 2>/dev/null || true)"
  fi
}

# version_of DIRECTORY: sets VERSION (15.18), MAJOR_FOUND (15) and VERSION_LINE.
version_of() {
  VERSION_LINE=$("$1/postgres" --version 2>/dev/null) || VERSION_LINE=''
  VERSION='' MAJOR_FOUND=0
  if [[ $VERSION_LINE =~ ([0-9]+)(\.[0-9]+|beta[0-9]+|rc[0-9]+|devel) ]]; then
    # shellcheck disable=SC2034 # for the scripts that source this
    VERSION=${BASH_REMATCH[0]}
    # shellcheck disable=SC2034
    MAJOR_FOUND=${BASH_REMATCH[1]}
  fi
}
