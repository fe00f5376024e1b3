#!/usr/bin/env bash
# Lists the clusters that the installation in BIN_DIR serves, running or stopped, from what this user may see. Changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=installations.sh
source "${BASH_SOURCE[0]%/*}/installations.sh"

main() {
  need readlink stat timeout sed
  LIST='' SEEN=()
  find_postmasters
  find_listeners
  find_running
  find_stopped
  emit "{\"clusters\":[$LIST]}"
}

find_running() {
  local process data
  for process in ${POSTMASTERS[@]+"${POSTMASTERS[@]}"}; do
    if [[ ${PROGRAM_OF[$process]} -ef $BIN_DIR ]]; then
      read_arguments "$process"
      data=$(readlink -- "/proc/$process/cwd" 2>/dev/null) || data=$DATA_ARGUMENT
      if [[ $data ]] && is_new "$data"; then
        add_running "$process" "$data"
      fi
    fi
  done
}

# read_arguments PROCESS: sets DATA_ARGUMENT and PORT_ARGUMENT from its command line, which everybody may read.
read_arguments() {
  local argument previous=''
  DATA_ARGUMENT='' PORT_ARGUMENT=''
  { while IFS= read -r -d '' argument; do
    case $previous/$argument in
      -D/*) DATA_ARGUMENT=$argument ;;
      -p/*) PORT_ARGUMENT=$argument ;;
      */-D?*) DATA_ARGUMENT=${argument#-D} ;;
      */port=* | */--port=*) PORT_ARGUMENT=${argument#*=} ;;
    esac
    previous=$argument
  done <"/proc/$1/cmdline"; } 2>/dev/null || true
}

# add_running PROCESS DATA: by its postmaster.pid if that may be read, else by what can be seen from outside.
add_running() {
  local lines=() port socket='' directory listens=true state=''
  { mapfile -t lines <"$2/postmaster.pid"; } 2>/dev/null || true
  port=${lines[3]:-${PORT_OF[$1]:-${PORT_ARGUMENT:-5432}}}
  if ((${#lines[@]} > 5)); then
    socket=${lines[4]}
    [[ ${lines[5]} ]] || listens=false
    state=${lines[7]:-ready}
  else
    for directory in /var/run/postgresql /run/postgresql /tmp; do
      [[ $socket || ! -S $directory/.s.PGSQL.$port ]] || socket=$directory
    done
  fi
  add "$2" "$(stat -c %U "/proc/$1")" "$port" true "$listens" "$socket" "${state%% *}"
}

# Where packages put clusters. They belong to the package of their major version, where there is one.
find_stopped() {
  local file data package
  for package in "/usr/lib/postgresql/$MAJOR/bin" "/usr/pgsql-$MAJOR/bin"; do
    [[ ! -x $package/postgres || $package -ef $BIN_DIR ]] || return 0
  done
  for file in "/etc/postgresql/$MAJOR"/*/postgresql.conf; do
    data=$(configured data_directory "$file")
    if [[ $data ]] && is_new "$data"; then
      add_stopped "$data" "$file"
    fi
  done
  for data in "/var/lib/postgresql/$MAJOR"/* /var/lib/pgsql/*/data /var/lib/pgsql/data /var/lib/postgresql/data /var/lib/postgres/data /usr/local/pgsql/data; do
    if { [[ -r $data/PG_VERSION && $(<"$data/PG_VERSION") == "$MAJOR" ]]; } 2>/dev/null && is_new "$data"; then
      add_stopped "$data" "$data/postgresql.conf"
    fi
  done
}

add_stopped() {
  local port
  port=$(configured port "$2")
  add "$1" "$(stat -c %U -- "$1" 2>/dev/null || true)" "${port:-5432}" false true '' 'shut down'
}

# configured NAME FILE: the last value FILE gives it.
configured() {
  local line value=''
  local assignment="^[[:space:]]*$1[[:space:]]*=?[[:space:]]*'?([^'#]*[^'#[:space:]])"
  [[ -r $2 ]] || return 0
  while IFS= read -r line; do
    if [[ $line =~ $assignment ]]; then
      value=${BASH_REMATCH[1]}
    fi
  done <"$2"
  printf '%s' "$value"
}

# is_new DATA: not listed yet, and none of Veneer's own, which has a marker beside the data.
is_new() {
  local seen
  [[ ! -e ${1%/*}/.veneer ]] || return 1
  for seen in ${SEEN[@]+"${SEEN[@]}"}; do
    [[ $seen != "$1" && ! $seen -ef $1 ]] || return 1
  done
  SEEN+=("$1")
}

# add DATA OWNER PORT RUNNING LISTENS SOCKET STATE
add() {
  local entry owner socket state name=${1##*/}
  case $name in
    data | pgdata | PGDATA | pg_data) name=${1%/*} name=${name##*/} ;;
  esac
  json_string -v entry "$1"
  entry="{\"dataDirectory\":$entry"
  json_string -v name "${name:-cluster}"
  json_string -v owner "$2"
  json_string -v socket "$6"
  json_string -v state "$7"
  entry+=",\"name\":$name,\"port\":$3,\"running\":$4,\"listens\":$5"
  [[ ! $2 || $2 == UNKNOWN ]] || entry+=",\"owner\":$owner"
  [[ ! $6 ]] || entry+=",\"socketDirectory\":$socket"
  [[ ! $7 ]] || entry+=",\"state\":$state"
  LIST+="${LIST:+,}$entry}"
}

main
