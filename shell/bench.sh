#!/usr/bin/env bash
# Sets up what the benchmark needs, then measures Veneer against the bare tools, on real servers and real storage in a
# sandbox that is gone afterwards. Needs root. Usage: bench.sh [--quick] [--json] [--only FIGURE]…
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

main() {
  bash shell/setup.sh postgresql btrfs-progs util-linux procps
  exec npx tsx test/bench/main.ts "$@"
}

main "$@"
