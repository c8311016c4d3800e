#!/usr/bin/env bash
# Installs socat, which makes the pairs of terminals that the tests of serial lines talk over. Debian, Ubuntu.
set -euo pipefail

command -v socat >/dev/null && exit 0
command -v apt-get >/dev/null || {
  echo "socat is missing and there is no apt-get: install it from http://www.dest-unreach.org/socat" >&2
  exit 1
}
root=()
if [ "$(id -u)" -ne 0 ]; then root=(sudo -n); fi
"${root[@]}" apt-get update -q
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends socat
