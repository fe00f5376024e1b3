#!/usr/bin/env bash
# The main job on a real PostgreSQL, from nothing to running virtual databases: starts a throwaway engine and a throwaway
# source under load, tells the story step by step, checks every claim it prints and leaves nothing behind.
#   --keep       leave engine, source and one VDB running and say how to go on
#   --scale N    pgbench scale of the source (default 20: 300 MB)
#   --driver D   storage driver: btrfs, reflink or copy (default: the best this machine offers)
# Exits non-zero if any claim is false.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=shell/demo/tell.sh
source shell/demo/tell.sh
# shellcheck source=shell/demo/stage.sh
source shell/demo/stage.sh

KEEP=
SCALE=20
DRIVER=
# Nobody chooses a nicer one for production.
PASSWORD=$'it\'s a $ecret "p\'w" \\ ü'

usage() { sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

options() {
  while (($#)); do
    case $1 in
      --keep) KEEP=1 ;;
      --scale) [[ ${2-} =~ ^[1-9][0-9]{0,3}$ ]] || misuse "--scale wants a number from 1 to 9999" && SCALE=$2 && shift ;;
      --driver) [[ ${2-} =~ ^(btrfs|reflink|copy)$ ]] || misuse "--driver wants btrfs, reflink or copy" && DRIVER=$2 && shift ;;
      -h | --help) usage && exit 0 ;;
      *) misuse "unknown option $1" ;;
    esac
    shift
  done
}

misuse() {
  printf 'demo: %s\n' "$1" >&2
  usage >&2
  exit 2
}

discover() {
  chapter "Discovery: what runs on this machine?"
  show veneer plugin upload plugins/postgres/dist/postgres.veneer.tgz
  show veneer environment add here --local
  show veneer source list --environment here
  claim "the throwaway source was found by its process and port" source_is_listed
}

source_is_listed() { [[ $(source_id) ]]; }

link() {
  chapter "Link: ingest it once, while it is being written to"
  show veneer dsource link sales --source "$(source_id)" --param method.type=streaming --param "method.host=127.0.0.1" \
    --param "method.username=replicator" --param "method.password=@$STAGE/password"
  show veneer snapshot list --dsource sales
  claim "the password shows in no process, log or listing" password_is_hidden
}

provision() {
  chapter "Provision: two virtual databases at once, from that one copy"
  local started=$EPOCHREALTIME vdb
  show_background veneer vdb provision dev --from sales
  show_background veneer vdb provision qa --from sales
  show_end
  took "both" "$started"
  show veneer vdb list
  for vdb in dev qa; do
    claim "$vdb answers, and its TPC-B sums agree" sums_agree "$(vdb_url "$vdb")"
  done
}

drop() {
  chapter "Isolation: a table is dropped in one of them"
  tell "psql (dev): drop table pgbench_history"
  query "$(vdb_url dev)" 'drop table pgbench_history' >/dev/null
  claim "dev has no pgbench_history any more" table_is dev absent
  claim "qa still has it" table_is qa present
  claim "so has the source" source_has_history
}

refresh() {
  chapter "The source moves on; a sync brings what changed, a refresh passes it on"
  query_source "create table proof as select 'written after the first snapshot' as line" >/dev/null
  show veneer dsource sync sales
  claim "the source's new table is not in dev yet" table_named dev proof absent
  DEV_URL=$(vdb_url dev)
  show veneer vdb refresh dev
  claim "now it is" table_named dev proof present
  claim "and the dropped table is back" table_is dev present
  claim "dev kept its port and its password" same_url
}

rewind() {
  chapter "Rewind: undo a mistake in qa"
  show veneer vdb snapshot qa
  tell "psql (qa): delete from pgbench_accounts"
  query "$(vdb_url qa)" 'truncate pgbench_accounts' >/dev/null
  claim "qa has no accounts left" accounts_are qa 0
  show veneer vdb rewind qa --to latest
  claim "they are all back" accounts_are qa $((SCALE * 100000))
}

cost() {
  chapter "Cost: what each virtual database takes on disk"
  local vdb own whole
  for vdb in dev qa; do
    read -r own whole < <(usage_of "$vdb")
    tell "$vdb looks like $(human "$whole") and holds $(human "$own") of its own"
    [[ $DRIVER_USED == copy ]] || claim "that is less than a quarter of a full copy" test "$((own * 4))" -lt "$whole"
  done
}

connect() {
  chapter "Connect"
  tell "veneer vdb url dev"
  tell "  $(vdb_url dev | sed -E 's|://([^:]+):[^@]+@|://\1:…@|')   (the real one has the password in it)"
  tell "veneer vdb connect dev   opens psql"
}

farewell() {
  chapter "And gone again"
  show veneer vdb delete dev --yes
  show veneer vdb delete qa --yes
  show veneer dsource unlink sales --yes
  claim "the source has no replication slot left" no_slot
  show veneer engine doctor
  claim "the source's data is as its own load left it" sums_agree "$(source_url)"
}

keep() {
  chapter "Kept for you"
  cat <<TEXT
  The engine, the source and both VDBs are running. Go on with:

    export PATH="$PWD/node_modules/.bin:\$PATH" VENEER_DATA_DIR=$STAGE/engine
    veneer vdb list
    veneer vdb connect dev
    veneer vdb snapshot dev
    veneer engine doctor

  When you have seen enough:

    bash shell/demo/strike.sh $STAGE
TEXT
}

main() {
  options "$@"
  bash shell/setup.sh postgresql btrfs-progs util-linux
  raise_stage
  trap 'strike_stage $?' EXIT
  discover
  link
  provision
  drop
  refresh
  rewind
  cost
  connect
  if [[ $KEEP ]]; then keep; else farewell; fi
  finish
}

main "$@"
