# What the PostgreSQL scripts share: where a dataset keeps its things, its postmaster, and what PostgreSQL's log means.
# Expects MOUNT (the dataset), BIN_DIR (PostgreSQL's programs) and PRIVATE_DIR (sockets and credentials, outside the dataset).
# shellcheck shell=bash

DATA=$MOUNT/data
OURS=$MOUNT/veneer
LOG=$OURS/log/postgresql.log

# need_binaries PROGRAM…: ends the script unless this installation has them.
need_binaries() {
  local program
  for program; do
    [[ -x $BIN_DIR/$program ]] ||
      fail missing_binary "$BIN_DIR/$program is missing on this host." "Install PostgreSQL's server and client packages of that version, refresh the environment, then run this again."
  done
}

# The directory for what must be in no snapshot. It lies in /tmp since the path of a socket has 107 bytes at most; somebody
# else's directory of that name is not used.
private_directory() {
  make_private_directory
  [[ -d $PRIVATE_DIR && ! -L $PRIVATE_DIR && -O $PRIVATE_DIR ]] ||
    fail private_directory_taken "$PRIVATE_DIR can't be made: something of another OS user has that name." "Find out who made $PRIVATE_DIR, remove it, then run this again."
  # Several engines may work on one host: each knows by this which directories it has to answer for.
  [[ -e $PRIVATE_DIR/engine ]] || printf '%s\n' "${VENEER_ENGINE-}" >"$PRIVATE_DIR/engine"
}

make_private_directory() {
  [[ -d $PRIVATE_DIR && ! -L $PRIVATE_DIR ]] || mkdir -m 700 -- "$PRIVATE_DIR" 2>/dev/null || true
}

remove_private_directory() {
  if [[ -d $PRIVATE_DIR && ! -L $PRIVATE_DIR && -O $PRIVATE_DIR ]]; then
    rm -rf -- "$PRIVATE_DIR"
  fi
}

# The OS user this runs as, without the cost of starting `id` where the environment tells.
os_user() {
  OS_USER=${USER-}
  [[ $OS_USER ]] || OS_USER=$(id -un)
}

# --- Files ---

# put FILE TEXT: writes a whole file, or ends the script with the reason it can't.
put() {
  local output
  { printf '%s' "$2" >"$1"; } 2>/dev/null && return
  output=$({ printf '%s' "$2" >"$1"; } 2>&1) || {
    explain_server "$output"
    fail not_writable "$1 can't be written." "Read the output, mend its cause, then run this again." "$output"
  }
}

# need_room BYTES: ends the script if the dataset's file system has not that much left. A full one may leave no trace in the
# log that lies on it.
need_room() {
  local output
  output=$(LC_ALL=C fallocate -l "$1" -- "$OURS/room" 2>&1) || true
  rm -f -- "$OURS/room"
  [[ $output != *'No space left on device'* ]] || explain_server "$output"
}

# strip_settings FILE NAME…: takes settings out of a configuration file as ALTER SYSTEM writes it; no change, no write.
strip_settings() {
  local file=$1 line name kept=() cut=' '
  shift
  cut+="$* "
  [[ -s $file ]] || return 0
  local lines=()
  mapfile -t lines <"$file"
  for line in ${lines[@]+"${lines[@]}"}; do
    name=${line%%[ =]*}
    if [[ ! $name || $cut != *" ${name,,} "* ]]; then
      kept+=("$line")
    fi
  done
  ((${#kept[@]} < ${#lines[@]})) || return 0
  printf '%s\n' ${kept[@]+"${kept[@]}"} >"$file.veneer"
  mv -f -- "$file.veneer" "$file"
}

# Points the links of tablespaces at where this dataset is mounted now. With KEEP_OUTSIDE those that lie elsewhere stay.
relink_tablespaces() {
  local link oid
  for link in "$DATA"/pg_tblspc/*; do
    oid=${link##*/}
    if [[ -L $link && ! $link -ef $MOUNT/tablespaces/$oid ]]; then
      if [[ ! -d $MOUNT/tablespaces/$oid ]]; then
        [[ ! ${KEEP_OUTSIDE-} ]] || continue
        fail tablespace_outside "Tablespace $oid lies outside the dataset, so no snapshot holds it." "Move its tables to a tablespace that exists in the dataset (ALTER TABLE … SET TABLESPACE), drop it, take a new snapshot."
      fi
      ln -sfn -- "$MOUNT/tablespaces/$oid" "$link"
    fi
  done
}

# control: reads pg_controldata into CONTROL.
control() {
  local name value output
  # shellcheck disable=SC2034 # for the scripts that source this
  declare -gA CONTROL=()
  output=$(LC_ALL=C "$BIN_DIR/pg_controldata" -D "$DATA")
  while IFS=: read -r name value; do
    # shellcheck disable=SC2034
    CONTROL[$name]=${value#"${value%%[! ]*}"}
  done <<<"$output"
}

# --- Processes ---

# Sets PROCESSES to those that work in the data directory, whatever postmaster.pid says. PostgreSQL's all do.
processes() {
  local process
  PROCESSES=()
  for process in /proc/[0-9]*; do
    if [[ $process/cwd -ef $DATA ]]; then
      PROCESSES+=("${process##*/}")
    fi
  done
}

# Sets POSTMASTER to its pid, or empty; STATUS to what it says of itself. A postmaster.pid that came with a clone names a
# process that works elsewhere.
postmaster() {
  local lines=()
  POSTMASTER='' STATUS=''
  { [[ -e $DATA/postmaster.pid ]] && mapfile -t lines <"$DATA/postmaster.pid"; } 2>/dev/null || return 0
  if [[ ${lines[0]-} =~ ^[0-9]+$ && /proc/${lines[0]}/cwd -ef $DATA ]]; then
    POSTMASTER=${lines[0]}
    STATUS=${lines[7]-}
    STATUS=${STATUS%% *}
  fi
}

# Who works in the data directory, for a message.
name_processes() {
  local process command
  for process in ${PROCESSES[@]+"${PROCESSES[@]}"}; do
    { command=$(tr '\0' ' ' <"/proc/$process/cmdline"); } 2>/dev/null || command='?'
    printf '%s %s\n' "$process" "$command"
  done
}

# Removes the postmaster.pid that came with a clone, once proven that nothing works here.
discard_pid_file() {
  processes
  ((${#PROCESSES[@]} == 0)) ||
    fail data_directory_in_use "$DATA is in use." "Stop these processes, then run this again." "$(name_processes)"
  rm -f -- "$DATA/postmaster.pid"
}

# Removes sockets of a server that was killed. The server itself would not while its dead process waits to be reaped.
discard_sockets() {
  local lock process
  for lock in "$PRIVATE_DIR"/.s.PGSQL.*.lock; do
    read -r process <"$lock" || process=''
    if [[ ! -e /proc/$process/exe ]]; then
      rm -f -- "$lock" "${lock%.lock}"
    fi
  done
}

# launch_postmaster CONFIG_FILE [-c NAME=VALUE…]: starts it; what it does then is seen by await_postmaster.
launch_postmaster() {
  local config=$1
  shift
  discard_sockets
  daemon "$LOG" "$BIN_DIR/postgres" -D "$DATA" -c "config_file=$config" "$@"
}

# await_postmaster SECONDS: returns when it takes connections, with its log followed; else explains and ends the script.
await_postmaster() {
  follow "$LOG"
  await "$1" up_or_dead || {
    kill -QUIT "$DAEMON_PID" 2>/dev/null || true
    explain_start "It was not ready within $1 seconds."
  }
  kill -0 "$DAEMON_PID" 2>/dev/null || explain_start "It ended while starting."
}

up_or_dead() {
  local lines=()
  { mapfile -t lines <"$DATA/postmaster.pid"; } 2>/dev/null || true
  if [[ ${lines[0]-} == "$DAEMON_PID" && ${lines[7]-} == @(ready|standby)* ]]; then
    return 0
  fi
  ! kill -0 "$DAEMON_PID" 2>/dev/null
}

# stop_postmaster MODE SECONDS: fast or immediate; an overdue fast one becomes immediate. Returns when every process is gone.
stop_postmaster() {
  local mode=$1 seconds=$2
  postmaster
  if [[ $POSTMASTER ]]; then
    [[ -e $LOG ]] || LOG=/dev/null
    follow "$LOG"
    if [[ $mode == fast ]]; then
      kill -INT "$POSTMASTER" 2>/dev/null || true
      await "$seconds" gone || log "It did not stop within $seconds seconds; stopping it at once."
    fi
    kill -QUIT "$POSTMASTER" 2>/dev/null || true
    await 10 gone || true
    unfollow
  fi
  end_stragglers
}

# A process that ended but that nobody has waited for yet still has its directory in /proc, but no program.
gone() {
  [[ ! -e /proc/$POSTMASTER/exe ]]
}

# Backends end by themselves soon after their postmaster; one that does not is ended, if it is PostgreSQL's.
end_stragglers() {
  local process
  processes
  ((${#PROCESSES[@]})) || return 0
  follow /dev/null
  if ! await 5 deserted; then
    for process in "${PROCESSES[@]}"; do
      if [[ /proc/$process/exe -ef $BIN_DIR/postgres ]]; then
        kill -KILL "$process" 2>/dev/null || true
      fi
    done
    await 5 deserted ||
      fail data_directory_in_use "PostgreSQL in $DATA can't be stopped entirely." "End these processes, then run this again." "$(name_processes)"
  fi
  unfollow
}

deserted() {
  processes
  ((${#PROCESSES[@]} == 0))
}

# --- What the log means ---

# explain_start FACT: ends the script with the cause that the log's end gives for a postmaster that did not come up.
explain_start() {
  local output
  unfollow
  output=$(tail -n 30 -- "$LOG")
  explain_server "$output"
  need_room 1048576
  fail postgres_not_started "PostgreSQL did not start in $DATA. $1" "Read the output, mend its cause, then run this again." "$output"
}

# explain_server OUTPUT: ends the script if the output of postgres has a cause we know.
explain_server() {
  local output=$1
  local library='could not (access file|load library) "([^"]+)"' unknown='unrecognized configuration parameter "([^"]+)"'
  local tablespace='could not create symbolic link "pg_tblspc/([0-9]+)'
  local refused='(value for parameter|valid range for parameter|parameter) "([^"]+)"'
  if [[ $output == *'No space left on device'* ]]; then
    fail disk_full "The file system of $MOUNT is full." "Make room in the pool, then run this again." "$output"
  elif [[ $output == *'Address already in use'* ]]; then
    fail port_taken "Port ${PORT-} is taken on this host." "Choose another port, or leave the parameter out to have one chosen." "$output"
  elif [[ $output =~ $library ]]; then
    fail missing_library "The library ${BASH_REMATCH[2]}, which the database loads at start, is not installed here." "Install the package with ${BASH_REMATCH[2]} for this PostgreSQL, or set shared_preload_libraries without it." "$output"
  elif [[ $output =~ $unknown ]]; then
    fail unknown_guc "This PostgreSQL has no setting called ${BASH_REMATCH[1]}." "Correct the name, or leave it out." "$output"
  elif [[ $output =~ $tablespace ]]; then
    fail tablespace_added "Tablespace ${BASH_REMATCH[1]} was created after the last full ingest or publish, at a place outside the dataset." "Sync with --resync, which takes it in; on a VDB, drop that tablespace." "$output"
  elif [[ $output == *'incompatible with server'* ]]; then
    fail version_mismatch "The data in $DATA is of another PostgreSQL version than $BIN_DIR." "Choose a repository of the data's own major version." "$output"
  elif [[ $output == *'lock file "postmaster.pid" already exists'* || $output == *'pre-existing shared memory block'* ]]; then
    fail data_directory_in_use "$DATA is in use by another server." "Stop it, then run this again." "$output"
  elif [[ $output =~ $refused ]]; then
    fail refused_value "PostgreSQL refuses the value of ${BASH_REMATCH[2]}." "Give a value that the output allows." "$output"
  fi
}
