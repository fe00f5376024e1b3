#!/usr/bin/env bash
# Lists the PostgreSQL installations of this host. Changes nothing.
# shellcheck source=../../../shell/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=installations.sh
source "${BASH_SOURCE[0]%/*}/installations.sh"

main() {
  local directory list='' separator=''
  need readlink stat timeout sed
  find_installations
  for directory in ${INSTALLATIONS[@]+"${INSTALLATIONS[@]}"}; do
    version_of "$directory"
    if ((MAJOR_FOUND >= 10)); then
      describe "$directory"
      list+=$separator$DESCRIPTION
      separator=,
    fi
  done
  emit "{\"repositories\":[$list]}"
}

# describe DIRECTORY: sets DESCRIPTION to its JSON.
describe() {
  local bin=$1 lib share owner uid gid extensions='' control name
  lib=$(pg_configuration "$bin" --pkglibdir "${bin%/bin}/lib")
  share=$(pg_configuration "$bin" --sharedir "${bin%/bin}/share")
  for control in "$share"/extension/*.control; do
    control=${control##*/}
    json_string -v name "${control%.control}"
    extensions+="${extensions:+,}$name"
  done
  read -r owner uid gid < <(owner_of "$bin")
  json_string -v DESCRIPTION "PostgreSQL $VERSION ($bin)"
  DESCRIPTION="{\"name\":$DESCRIPTION"
  field binDirectory "$bin"
  field version "$VERSION"
  field vendor "$(vendor_of "$bin")"
  field libDirectory "$lib"
  field shareDirectory "$share"
  field owner "$owner"
  DESCRIPTION+=",\"major\":$MAJOR_FOUND,\"ownerUid\":$uid,\"ownerGid\":$gid,\"extensions\":[$extensions]}"
}

# field NAME TEXT: adds a property to DESCRIPTION.
field() {
  local text
  json_string -v text "$2"
  DESCRIPTION+=",\"$1\":$text"
}

# pg_configuration BIN OPTION DEFAULT: what this installation's pg_config says, for which it may have none.
pg_configuration() {
  local answer=''
  [[ ! -x $1/pg_config ]] || answer=$("$1/pg_config" "$2" 2>/dev/null) || answer=''
  if [[ ! $answer && $2 == --sharedir && $1 == /usr/lib/postgresql/*/bin ]]; then
    answer=${1/#\/usr\/lib/\/usr\/share}
    answer=${answer%/bin}
  fi
  printf '%s' "${answer:-$3}"
}

# The package's maker, else what the program says in brackets after its version.
vendor_of() {
  local package
  if type -P dpkg-query >/dev/null && package=$(dpkg-query -S "$1/postgres" 2>/dev/null); then
    printf '%s' "Debian package ${package%%:*}"
  elif type -P rpm >/dev/null && package=$(rpm -qf --qf '%{VENDOR}' "$1/postgres" 2>/dev/null); then
    printf '%s' "$package"
  elif [[ $VERSION_LINE =~ \(([^\)]+)\)$ ]]; then
    printf '%s' "${BASH_REMATCH[1]}"
  else
    printf 'not from a package'
  fi
}

# The OS user who runs clusters of this installation, with numbers: whoever does, else postgres, else we.
owner_of() {
  local process
  for process in ${POSTMASTERS[@]+"${POSTMASTERS[@]}"}; do
    if [[ ${PROGRAM_OF[$process]} -ef $1 ]]; then
      stat -c '%U %u %g' "/proc/$process" && return
    fi
  done
  if id postgres >/dev/null 2>&1; then
    printf 'postgres %s %s\n' "$(id -u postgres)" "$(id -g postgres)"
  else
    printf '%s %s %s\n' "$(id -un)" "$(id -u)" "$(id -g)"
  fi
}

main
