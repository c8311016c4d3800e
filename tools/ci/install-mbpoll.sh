#!/usr/bin/env bash
# Installs mbpoll, the Modbus client that the device simulator's tests use as a peer that is not ours. Debian, Ubuntu.
set -euo pipefail

command -v mbpoll >/dev/null && exit 0
command -v apt-get >/dev/null || {
  echo "mbpoll is missing and there is no apt-get: install it from https://github.com/epsilonrt/mbpoll" >&2
  exit 1
}
root=()
if [ "$(id -u)" -ne 0 ]; then root=(sudo -n); fi
"${root[@]}" apt-get update -q
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends mbpoll
