#!/usr/bin/env bash
# Keeps a folder of the engine's on a host: what is needed there again and again, and the detached runs of one OS user. Sent
# to a host's bash as text; runs as that user.
#
#   open NAME                   makes the folder NAME, for others to go through; prints its absolute path
#   check NAME FOLDER           reads the list of sums that FOLDER of it must fit; prints `whole` or `wanting`
#   put NAME FOLDER             makes FOLDER of it anew: reads files, each as two lines, its path and its content in base64
#   prune NAME [FOLDER...]      removes what `put` made but the folders named
#   remove NAME                 ends the detached runs in it and removes all of it
#
# Below /var/tmp, which outlives a restart of the host, or below the first of the others that can be written. A folder of
# that name that is another's, or a link, is left alone.
set -euo pipefail
umask 022

own() { # PATH
  [[ -d $1 && ! -L $1 && -O $1 ]]
}

# Prints the path of the folder NAME. Where there is one already, that is it.
place() { # NAME
  local parent
  for parent in /var/tmp /tmp ~; do
    if own "$parent/$1"; then
      printf '%s' "$parent/$1"
      return
    fi
  done
  for parent in /var/tmp /tmp ~; do
    if mkdir -m 0711 -- "$parent/$1" 2>/dev/null; then
      printf '%s' "$parent/$1"
      return
    fi
  done
  printf 'No folder can be made below /var/tmp, /tmp or %s.\n' ~ >&2
  return 1
}

check() { # ROOT FOLDER
  if cd -- "$1/put/$2" 2>/dev/null && sha256sum --check --status --strict -; then
    printf 'whole\n'
  else
    printf 'wanting\n'
  fi
}

put() { # ROOT FOLDER
  local new=$1/put/$2.new.$$ path content
  mkdir -p -- "$new"
  # shellcheck disable=SC2064 # the name as it is now
  trap "rm -rf -- $(printf %q "$new")" EXIT
  while IFS= read -r path && IFS= read -r content; do
    mkdir -p -- "$new/$(dirname -- "$path")"
    printf '%s' "$content" | base64 --decode >"$new/$path"
  done
  rm -rf -- "${1:?}/put/$2"
  # Of two that put the same at once, either will do.
  mv --no-target-directory -- "$new" "$1/put/$2" || [[ -d $1/put/$2 ]]
}

prune() { # ROOT FOLDER...
  local root=$1 path
  shift
  for path in "$root"/put/*; do
    [[ -d $path && " $* " != *" ${path##*/} "* ]] || continue
    # One that is being put, or was left half-way long ago.
    [[ $path != *.new.* || -z $(find "$path" -maxdepth 0 -mmin -60) ]] || continue
    rm -rf -- "$path"
  done
}

main() { # VERB NAME [ARGUMENT...]
  local verb=$1 root
  root=$(place "$2")
  shift 2
  case $verb in
    open) printf '%s\n' "$root" ;;
    check) check "$root" "$@" ;;
    put) put "$root" "$@" ;;
    prune) prune "$root" "$@" ;;
    remove) rm -rf -- "$root" ;;
  esac
}

main "$@"
