#!/usr/bin/env bash
# Brings a fresh checkout to the point where Veneer runs: npm packages, the Debian packages named, a build.
# Says what it does; what is there already is left alone. Usage: setup.sh [DEBIAN-PACKAGE…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '· %s\n' "$*" >&2; }

die() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

check_node() {
  command -v node >/dev/null || die "Node.js is missing. Install version 20.20 or later, then run this again."
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 20) ? 0 : 1)' ||
    die "Node.js $(node --version) is too old. Install version 20.20 or later, then run this again."
}

# npm writes this file last, so it is older than the lock file only when something has to be installed.
npm_packages() {
  [[ node_modules/.package-lock.json -nt package-lock.json ]] && return
  say "installing npm packages (npm ci)"
  npm ci --no-fund --no-audit --loglevel=error >&2
}

installed() { [[ $(dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]; }

debian_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null || return 0
  for package; do installed "$package" || missing+=("$package"); done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    say "without root these Debian packages can't be installed, and what needs them is left out: ${missing[*]}"
    return 0
  fi
  say "installing Debian packages: ${missing[*]}"
  [[ " ${missing[*]} " != *' openssh-server '* ]] || keep_ssh_off
  without_main_cluster apt_install "${missing[@]}"
}

# Debian starts an SSH server with its package, and at each boot. The tests start their own, on a port of their own, and this
# machine didn't ask for another.
keep_ssh_off() {
  local unit
  mkdir -p /etc/systemd/system
  for unit in ssh.service ssh.socket; do
    [[ -e /etc/systemd/system/$unit ]] || ln -s /dev/null "/etc/systemd/system/$unit"
  done
  say "the SSH server itself stays off; systemctl unmask ssh.service ssh.socket lets it start"
}

apt_install() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" install --no-install-recommends --yes "$@" >/dev/null 2>&1 && return
  "${apt[@]}" update >&2
  "${apt[@]}" install --no-install-recommends --yes "$@" >&2
}

# Debian starts a cluster with the server's package unless told not to; this machine didn't ask for one.
without_main_cluster() {
  local conf=/etc/postgresql-common/createcluster.d/veneer-setup.conf
  mkdir -p "${conf%/*}"
  printf 'create_main_cluster = false\n' >"$conf"
  local status=0
  "$@" || status=$?
  rm -f "$conf"
  return "$status"
}

build() {
  say "building"
  TURBO_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1 npx turbo run build --output-logs=errors-only --no-update-notifier >&2
}

main() {
  check_node
  npm_packages
  debian_packages "$@"
  build
}

main "$@"
